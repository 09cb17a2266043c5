package io.kumki.adapter.peer;

import io.kumki.core.model.HostPort;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** Why two agents don't believe each other, for people. */
final class Distrust {
    private Distrust() {}

    /** Empty if the connection merely ended while they greeted each other: an agent that stops. */
    static Optional<String> told(HostPort address, Throwable failure) {
        var cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof IOException && !(cause instanceof SSLException)) {
            return Optional.empty();
        }
        var found =
                Objects.requireNonNullElse(cause.getMessage(), cause.getClass().getSimpleName());
        return Optional.of(
                "no TLS with %s: %s. Both agents need a `tls-certificate` that is valid now,"
                                .formatted(address, found)
                        + " made out to their host in `peers` and issued by the same `tls-ca`");
    }
}
