package io.kumki.adapter.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.kumki.core.model.HostPort;
import io.kumki.core.model.NodeId;
import io.kumki.core.routing.Target;
import io.kumki.support.FreePort;
import io.kumki.support.PostgresPrograms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.awaitility.Awaitility;

/** One real PostgreSQL server; it asks everybody but the user {@code open} for a password. */
final class PostgresServer implements AutoCloseable {
    static final String PASSWORD = "gate";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path home;
    private final Path data;
    private final String name;
    private final int port;

    /**
     * @param name of the node, and the answer to {@code show cluster_name}
     * @param settings {@code NAME=VALUE}
     */
    PostgresServer(String name, String... settings) {
        this.name = name;
        this.port = FreePort.next();
        try {
            home = Files.createTempDirectory("kumki-gate-");
            data = home.resolve("data");
            var word = Files.writeString(home.resolve("password"), PASSWORD + "\n", UTF_8);
            if (root()) {
                run(List.of("chown", "-R", "postgres:", home.toString()));
            }
            run(
                    program("initdb"),
                    "-ND" + data,
                    "-Ascram-sha-256",
                    "-Upostgres",
                    "-EUTF8",
                    "--locale=C",
                    "--pwfile=" + word);
            var lines = new ArrayList<>(List.of(settings));
            lines.addAll(
                    List.of(
                            "port = " + port,
                            "listen_addresses = '127.0.0.1'",
                            "unix_socket_directories = '" + home + "'",
                            "cluster_name = '" + name + "'",
                            "max_connections = 400",
                            "shared_buffers = 32MB",
                            "fsync = off"));
            Files.writeString(data.resolve("postgresql.auto.conf"), String.join("\n", lines));
            Files.writeString(
                    data.resolve("pg_hba.conf"),
                    """
                    host all open 127.0.0.1/32 trust
                    host all all 127.0.0.1/32 scram-sha-256
                    """);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start();
        try {
            ask("create role open login superuser");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    void start() {
        control("start", "-l", home.resolve("log").toString());
    }

    /**
     * @param mode smart, fast or immediate
     */
    void stop(String mode) {
        control("stop", "-m", mode);
    }

    private void control(String order, String... more) {
        var words = program("pg_ctl");
        words.addAll(List.of(order, "-s", "-w", "-D", data.toString()));
        run(words, more);
    }

    /** From now on it declines no TLS. */
    void useTls(Path certificate, Path key) {
        try {
            var ownKey = data.resolve("server.key");
            Files.copy(key, ownKey);
            Files.copy(certificate, data.resolve("server.crt"));
            Files.setPosixFilePermissions(ownKey, PosixFilePermissions.fromString("rw-------"));
            if (root()) {
                run(List.of("chown", "postgres:", ownKey.toString()));
            }
            ask("alter system set ssl = on");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        control("reload");
        Awaitility.await().atMost(PATIENCE).until(() -> ask("show ssl").equals("on"));
    }

    Target target() {
        return new Target(new NodeId(name), address());
    }

    HostPort address() {
        return new HostPort("127.0.0.1", port);
    }

    /** A session of its own, past any gateway. */
    String ask(String sql) throws SQLException {
        try (var direct = connect(address(), Map.of())) {
            return ask(direct, sql);
        }
    }

    /** The first column of the first row. */
    static String ask(Connection session, String sql) throws SQLException {
        try (var statement = session.createStatement()) {
            if (!statement.execute(sql)) {
                return "";
            }
            try (var rows = statement.getResultSet()) {
                return rows.next() ? rows.getString(1) : "";
            }
        }
    }

    /** As a client connects; the properties are the driver's. */
    static Connection connect(HostPort where, Map<String, String> more) throws SQLException {
        var wanted = new Properties();
        wanted.setProperty("user", "postgres");
        wanted.setProperty("password", PASSWORD);
        wanted.setProperty("sslmode", "disable");
        wanted.setProperty("gssEncMode", "disable");
        wanted.setProperty("loginTimeout", "30");
        more.forEach(wanted::setProperty);
        return DriverManager.getConnection("jdbc:postgresql://" + where + "/postgres", wanted);
    }

    static boolean root() {
        return "root".equals(System.getProperty("user.name"));
    }

    private static List<String> program(String name) {
        var words = new ArrayList<String>();
        if (root()) {
            words.addAll(List.of("runuser", "-u", "postgres", "--"));
        }
        words.add(PostgresPrograms.program(name));
        return words;
    }

    /** Runs it to its end; its output. */
    static String run(List<String> program, String... arguments) {
        var words = new ArrayList<>(program);
        words.addAll(List.of(arguments));
        try {
            var output = Files.createTempFile("kumki-gate", ".out");
            var process =
                    new ProcessBuilder(words)
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile())
                            .directory(Path.of("/tmp").toFile())
                            .start();
            int exit = process.waitFor();
            var text = Files.readString(output);
            Files.delete(output);
            if (exit != 0) {
                throw new IllegalStateException(words + " failed:\n" + text);
            }
            return text;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        if (Files.exists(data.resolve("postmaster.pid"))) {
            stop("immediate");
        }
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> !Files.exists(data.resolve("postmaster.pid")));
        run(List.of("rm", "-rf", home.toString()));
    }
}
