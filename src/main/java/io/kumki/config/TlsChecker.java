package io.kumki.config;

import io.kumki.config.Configuration.PostgresTls;
import io.kumki.config.Configuration.TlsMode;
import io.kumki.core.model.HostPort;
import io.kumki.tls.PemFiles;
import io.kumki.tls.Rotation;
import io.kumki.tls.TlsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Checks the certificate that this agent shows to others before anybody sees it. */
final class TlsChecker {
    private static final List<Key> FILES = List.of(Key.TLS_CERTIFICATE, Key.TLS_KEY, Key.TLS_CA);

    private final Sources sources;
    private final List<String> problems;

    TlsChecker(Sources sources, List<String> problems) {
        this.sources = sources;
        this.problems = problems;
    }

    /**
     * @param own this agent's address in {@code peers}; empty if that is not known
     */
    Optional<PemFiles> tls(Optional<HostPort> own) {
        var given = FILES.stream().filter(k -> sources.explicit(k).isPresent()).toList();
        if (given.isEmpty()) {
            return Optional.empty();
        }
        if (given.size() < FILES.size()) {
            problems.add("%s without %s".formatted(named(given), named(missing(given))));
            return Optional.empty();
        }
        var files = new PemFiles(file(Key.TLS_CERTIFICATE), file(Key.TLS_KEY), file(Key.TLS_CA));
        own.ifPresent(address -> check(files, address));
        return Optional.of(files);
    }

    /** How the agent's own connection to its server is protected. */
    PostgresTls postgres(Values values) {
        var mode = values.choice(Key.POSTGRES_TLS, TlsMode.class, TlsMode.DISABLE);
        var own = sources.explicit(Key.POSTGRES_TLS_CA);
        if (!mode.verifies()) {
            own.ifPresent(
                    ca ->
                            problems.add(
                                    "`postgres-tls-ca` is set, and `postgres-tls` is not verify-ca"
                                            + " or verify-full: it would check nothing"));
            return new PostgresTls(mode, Optional.empty());
        }
        var authority = own.or(() -> sources.explicit(Key.TLS_CA)).map(Path::of);
        if (authority.filter(Files::isReadable).isEmpty()) {
            problems.add(
                    "`postgres-tls` needs `postgres-tls-ca` or `tls-ca`, a file that this user can"
                            + " read; found \"%s\""
                                    .formatted(authority.map(Path::toString).orElse("")));
        }
        return new PostgresTls(mode, authority);
    }

    private void check(PemFiles files, HostPort own) {
        try {
            new Rotation(files, own.host(), Instant.now());
        } catch (TlsException e) {
            problems.add("TLS: " + e.getMessage());
        }
    }

    private Path file(Key key) {
        return Path.of(sources.explicit(key).orElseThrow());
    }

    private static List<Key> missing(List<Key> given) {
        return FILES.stream().filter(k -> !given.contains(k)).toList();
    }

    private static String named(List<Key> keys) {
        return keys.stream().map(k -> "`" + k.key() + "`").collect(Collectors.joining(" and "));
    }
}
