package io.kumki.config;

import io.kumki.config.Configuration.Gateway;
import io.kumki.config.Configuration.Haproxy;
import io.kumki.config.Configuration.Pgbouncer;
import io.kumki.config.Configuration.Secret;
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

    Optional<Haproxy> haproxy() {
        var socket = sources.explicit(Key.HAPROXY_SOCKET);
        for (var key : List.of(Key.HAPROXY_WRITE_BACKEND, Key.HAPROXY_READ_BACKEND)) {
            needs(key, Key.HAPROXY_SOCKET);
        }
        socket.filter(s -> !s.startsWith("/"))
                .ifPresent(
                        s ->
                                values.parsed(
                                        Key.HAPROXY_SOCKET,
                                        "a path or HOST:PORT",
                                        HostPort::parse,
                                        UNUSED));
        return socket.map(
                s ->
                        new Haproxy(
                                s,
                                values.text(Key.HAPROXY_WRITE_BACKEND),
                                values.text(Key.HAPROXY_READ_BACKEND)));
    }

    /** How a secret is read. */
    @FunctionalInterface
    interface SecretReader {
        Secret read(Key direct, Key file, String meaning);
    }

    Optional<Pgbouncer> pgbouncer(SecretReader secrets) {
        var admin = address(Key.PGBOUNCER_ADMIN);
        if (admin.isEmpty()) {
            for (var key :
                    List.of(
                            Key.PGBOUNCER_USER,
                            Key.PGBOUNCER_PASSWORD,
                            Key.PGBOUNCER_PASSWORD_FILE,
                            Key.PGBOUNCER_DATABASES)) {
                needs(key, Key.PGBOUNCER_ADMIN);
            }
            return Optional.empty();
        }
        var databases = sources.explicit(Key.PGBOUNCER_DATABASES).map(Path::of);
        if (databases.filter(Files::isRegularFile).isEmpty()) {
            problems.add(
                    "`pgbouncer-databases` must be the file that pgbouncer.ini includes, found \"%s\""
                            .formatted(values.text(Key.PGBOUNCER_DATABASES)));
        }
        return Optional.of(
                new Pgbouncer(
                        admin.get(),
                        values.text(Key.PGBOUNCER_USER),
                        secrets.read(
                                Key.PGBOUNCER_PASSWORD,
                                Key.PGBOUNCER_PASSWORD_FILE,
                                "PgBouncer's password"),
                        databases.orElse(Path.of("."))));
    }

    private void needs(Key key, Key other) {
        if (sources.explicit(key).isPresent() && sources.explicit(other).isEmpty()) {
            problems.add("`%s` is set without `%s`".formatted(key.key(), other.key()));
        }
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
