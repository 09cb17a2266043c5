package io.kumki.config;

import io.kumki.config.Configuration.Gateway;
import io.kumki.core.model.HostPort;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Checks what stands between clients and the servers. */
final class DoorsChecker {
    private static final HostPort UNUSED = new HostPort("127.0.0.1", 5432);

    private final Sources sources;
    private final Values values;
    private final List<String> problems;

    DoorsChecker(Sources sources, Values values, List<String> problems) {
        this.sources = sources;
        this.values = values;
        this.problems = problems;
    }

    Gateway gateway() {
        var gateway =
                new Gateway(
                        address(Key.GATEWAY_RW),
                        address(Key.GATEWAY_RO),
                        values.duration(
                                Key.GATEWAY_HOLD, Duration.ofMillis(100), Duration.ofMinutes(5)),
                        values.duration(
                                Key.GATEWAY_CONNECT_TIMEOUT,
                                Duration.ofMillis(50),
                                Duration.ofSeconds(30)),
                        values.number(Key.GATEWAY_MAX_SESSIONS, 1, 100_000),
                        tls());
        if (!gateway.isOpen() && gateway.tls().isPresent()) {
            problems.add("`gateway-tls-certificate` is set without `gateway-rw` or `gateway-ro`");
        }
        if (gateway.isOpen() && gateway.rw().equals(gateway.ro())) {
            problems.add("`gateway-rw` and `gateway-ro` are the same address");
        }
        refuseLoop(gateway);
        return gateway;
    }

    /** A server that is advertised at the gateway's own door would be led to itself. */
    private void refuseLoop(Gateway gateway) {
        sources.explicit(Key.POSTGRES_ADVERTISED)
                .or(() -> sources.explicit(Key.POSTGRES))
                .filter(
                        a ->
                                gateway.rw().filter(d -> d.toString().equals(a)).isPresent()
                                        || gateway.ro()
                                                .filter(d -> d.toString().equals(a))
                                                .isPresent())
                .ifPresent(
                        a ->
                                problems.add(
                                        "the gateway listens on %s, said to be PostgreSQL's"
                                                .formatted(a)));
    }

    private Optional<HostPort> address(Key key) {
        return sources.explicit(key)
                .map(v -> values.parsed(key, "HOST:PORT", HostPort::parse, UNUSED));
    }

    private Optional<Gateway.Tls> tls() {
        var certificate = file(Key.GATEWAY_TLS_CERTIFICATE);
        var key = file(Key.GATEWAY_TLS_KEY);
        if (certificate.isPresent() != key.isPresent()) {
            problems.add("`gateway-tls-certificate` and `gateway-tls-key` belong together");
        }
        return certificate.flatMap(c -> key.map(k -> new Gateway.Tls(c, k)));
    }

    private Optional<Path> file(Key key) {
        var path = sources.explicit(key).map(Path::of);
        path.filter(p -> !Files.isReadable(p))
                .ifPresent(p -> problems.add("`%s`: cannot read %s".formatted(key.key(), p)));
        return path;
    }
}
