package io.kumki.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LagLimitTest {
    @ParameterizedTest
    @CsvSource({
        "0,0",
        "1048576,1048576",
        "100B,100",
        "16kB,16384",
        "16MB,16777216",
        "1 gb,1073741824",
        "999999999999TB,9223372036854775807"
    })
    void readsSizes(String text, long bytes) {
        assertThat(LagLimit.parse(text))
                .isEqualTo(new LagLimit(OptionalLong.of(bytes), OptionalLong.empty()));
    }

    @ParameterizedTest
    @CsvSource({"250ms,250", "5s,5000", "2min,120000"})
    void readsTimes(String text, long millis) {
        assertThat(LagLimit.parse(text))
                .isEqualTo(new LagLimit(OptionalLong.empty(), OptionalLong.of(millis)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "MB", "-1", "1.5MB", "5h", "0x10", "1;drop"})
    void saysWhatItExpectedAndGot(String text) {
        assertThatThrownBy(() -> LagLimit.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("16MB")
                .hasMessageContaining("\"" + text + "\"");
    }

    @Test
    void noneIsNoLimit() {
        assertThat(LagLimit.NONE.given()).isFalse();
    }
}
