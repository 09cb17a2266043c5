package io.kumki.cli;

import io.kumki.tls.Client;
import io.kumki.tls.PemFiles;
import io.kumki.tls.TlsException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import picocli.CommandLine.Option;

/**
 * How to talk to agents by TLS. The variables are the agent's own: in its container they are set
 * already.
 */
final class TlsOptions {
    @Option(
            names = "--tls-ca",
            paramLabel = "FILE",
            defaultValue = "${env:KUMKI_TLS_CA}",
            description = "The agents' authority, PEM; also KUMKI_TLS_CA.")
    private Path authority;

    @Option(
            names = "--tls-certificate",
            paramLabel = "FILE",
            defaultValue = "${env:KUMKI_TLS_CERTIFICATE}",
            description = "A certificate to show, PEM; also KUMKI_TLS_CERTIFICATE. Not needed.")
    private Path certificate;

    @Option(
            names = "--tls-key",
            paramLabel = "FILE",
            defaultValue = "${env:KUMKI_TLS_KEY}",
            description = "Its key; also KUMKI_TLS_KEY.")
    private Path key;

    boolean given() {
        return present(authority).isPresent();
    }

    /** Empty if no authority is named. */
    Optional<SSLContext> context() throws Failure {
        long given = Stream.of(certificate, key).flatMap(p -> present(p).stream()).count();
        if (given == 1 || (given == 2 && !given())) {
            throw new Failure(
                    Failure.USAGE,
                    "--tls-certificate and --tls-key belong together and need --tls-ca."
                            + " Nothing was done.");
        }
        try {
            if (!given()) {
                return Optional.empty();
            }
            return Optional.of(
                    given == 2
                            ? Client.showing(
                                    new PemFiles(certificate, key, authority), Instant.now())
                            : Client.trusting(authority));
        } catch (TlsException e) {
            throw new Failure(Failure.USAGE, "TLS: " + e.getMessage() + ". Nothing was done.");
        }
    }

    /** An empty variable is none. */
    private static Optional<Path> present(Path path) {
        return Optional.ofNullable(path).filter(p -> !p.toString().isEmpty());
    }
}
