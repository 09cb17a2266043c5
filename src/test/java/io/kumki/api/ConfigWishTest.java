package io.kumki.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kumki.core.model.Mode;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigWishTest {
    private static ConfigWish wish(String body) {
        return ConfigWish.of(Order.read(body, Set.of(), List.of("ttl", "mode", "reason")));
    }

    @Test
    void textsAreThoseOfAConfiguration() {
        assertThat(wish("{\"ttl\":\"1500ms\",\"mode\":\"async\"}"))
                .isEqualTo(new ConfigWish(Optional.of(1500L), Optional.of(Mode.ASYNC)));
        assertThat(wish("{\"ttl\":\"1m\"}"))
                .isEqualTo(new ConfigWish(Optional.of(60_000L), Optional.empty()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "[]",
                "\"ttl\"",
                "{\"ttl\":5}",
                "{\"ttl\":\"5\"}",
                "{\"ttl\":\"999ms\"}",
                "{\"ttl\":\"61s\"}",
                "{\"mode\":\"strict\"}",
                "{\"tll\":\"5s\"}",
                "{\"ttl\":\"5s\",\"patience\":\"1m\"}",
                "{\"ttl\":null}"
            })
    void anythingElseIsRefusedAndNothingChanged(String body) {
        assertThatThrownBy(() -> wish(body))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Nothing was done");
    }
}
