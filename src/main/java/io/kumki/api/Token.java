package io.kumki.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;

/**
 * The secret that operators and peers show.
 *
 * @param secret not blank; never logged
 */
public record Token(String secret) {
    private static final String SCHEME = "Bearer ";

    public Token {
        if (secret.isBlank()) {
            throw new IllegalArgumentException(
                    "the token is empty; nothing was started. Write a long random text into the"
                            + " file that `token-file` names");
        }
    }

    /** Whether an {@code Authorization} header shows it; takes equally long for every guess. */
    public boolean isShownBy(String header) {
        boolean bearer = header.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
        var shown = bearer ? header.substring(SCHEME.length()).strip() : "";
        return MessageDigest.isEqual(shown.getBytes(UTF_8), secret.getBytes(UTF_8));
    }

    /** For logs: says nothing. */
    @Override
    public String toString() {
        return "Token[hidden]";
    }
}
