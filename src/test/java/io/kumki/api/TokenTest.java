package io.kumki.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TokenTest {
    private final Token token = new Token("s3cret");

    @Test
    void isShownByItsBearerHeaderOnly() {
        assertThat(token.isShownBy("Bearer s3cret")).isTrue();
        assertThat(token.isShownBy("bearer  s3cret ")).isTrue();
        assertThat(token.isShownBy("Bearer s3cre")).isFalse();
        assertThat(token.isShownBy("Basic s3cret")).isFalse();
        assertThat(token.isShownBy("s3cret")).isFalse();
        assertThat(token.isShownBy("Bearer ")).isFalse();
        assertThat(token.isShownBy("")).isFalse();
    }

    @Test
    void isNotInTheLog() {
        assertThat(token.toString()).doesNotContain("s3cret");
    }

    @Test
    void isNeverEmpty() {
        assertThatThrownBy(() -> new Token(" ")).hasMessageContaining("nothing was started");
    }
}
