package io.kumki.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * The identity in use, and its successor when the files change. New handshakes use the new one,
 * connections that are open go on. What does not fit is not taken: half a change, a certificate
 * without its key, must not cut an agent off.
 */
public final class Rotation {
    private final PemFiles files;
    private final String host;
    private volatile Identity current;
    private volatile List<Object> seen;
    private String refused = "";

    /**
     * @param host of this agent in {@code peers}: the certificate must be made out to it
     * @throws TlsException if what is there now can't be used
     */
    public Rotation(PemFiles files, String host, Instant now) throws TlsException {
        this.files = files;
        this.host = host;
        this.seen = fingerprint();
        this.current = read(now);
    }

    private Identity read(Instant now) throws TlsException {
        var identity = Identity.read(files, now);
        if (!Names.cover(identity.certificate(), host)) {
            throw new TlsException(
                    "the certificate %s is made out to %s, and `peers` says that this agent is at %s"
                            .formatted(
                                    files.certificate(), Names.of(identity.certificate()), host));
        }
        return identity;
    }

    /** What came of a look at the files. */
    public sealed interface Look {
        record Same() implements Look {}

        record Renewed(Instant expires) implements Look {}

        /**
         * @param reason why the former ones stay in use
         */
        record Kept(String reason) implements Look {}
    }

    /** Looks at the files, which takes a moment; to be called now and then, by one at a time. */
    public Look look(Instant now) {
        var found = fingerprint();
        if (found.equals(seen)) {
            return new Look.Same();
        }
        try {
            current = read(now);
            seen = found;
            refused = "";
            return new Look.Renewed(expires());
        } catch (TlsException e) {
            // Looked at again: what is not valid yet, or could not be read, may be later.
            boolean told = e.getMessage().equals(refused);
            refused = e.getMessage();
            return told ? new Look.Same() : new Look.Kept(refused);
        }
    }

    /** Changes with the files: a mounted secret is a link whose target is exchanged. */
    private List<Object> fingerprint() {
        return Stream.of(files.certificate(), files.key(), files.authority())
                .map(Rotation::version)
                .toList();
    }

    private static Object version(Path file) {
        try {
            var real = file.toRealPath();
            return List.of(real, Files.getLastModifiedTime(real), Files.size(real));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    public Instant expires() {
        return current.certificate().getNotAfter().toInstant();
    }

    /** Always shows the identity of the moment. */
    public X509ExtendedKeyManager keys() {
        return new CurrentKeys(() -> current.keys());
    }

    /** Always judges by the authority of the moment. */
    public X509ExtendedTrustManager authority() {
        return new CurrentAuthority(() -> current.authority());
    }
}
