package io.kumki.adapter.haproxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.HostPort;
import io.kumki.core.model.NodeId;
import io.kumki.core.routing.Target;
import io.kumki.support.FreePort;
import io.kumki.support.PostgresPrograms;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A PostgreSQL that belongs to no cluster: whoever leads clients does not look at what is behind
 * the address. Its {@code cluster_name} tells where a client has come to.
 */
public final class LoneServer implements AutoCloseable {
    public static final String PASSWORD = "lone";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path home;
    private final NodeId node;
    private final int port;
    private Process process;

    public LoneServer(String name) {
        this.node = new NodeId(name);
        this.port = FreePort.next();
        try {
            this.home = Files.createTempDirectory(Path.of("/tmp"), "kumki-lone-");
            var word = Files.writeString(home.resolve("password"), PASSWORD + "\n", UTF_8);
            giveAway(home);
            run(
                    asServerUser(
                            PostgresPrograms.program("initdb"),
                            "-A",
                            "scram-sha-256",
                            "-U",
                            "postgres"),
                    word);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start();
    }

    public Target target() {
        return new Target(node, new HostPort("127.0.0.1", port));
    }

    public void start() {
        var words =
                asServerUser(
                        PostgresPrograms.program("postgres"),
                        "-D",
                        data().toString(),
                        "-p",
                        "" + port,
                        "-c");
        words.addAll(List.of("listen_addresses=127.0.0.1", "-c", "unix_socket_directories="));
        words.addAll(List.of("-c", "cluster_name=" + node, "-c", "fsync=off"));
        words.addAll(List.of("-c", "shared_buffers=16MB"));
        process = launch(words, home.resolve("log"));
        Awaitility.await().atMost(PATIENCE).ignoreExceptions().until(() -> name(port).length() > 0);
    }

    /** Runs statements as the superuser. */
    public void sql(String... statements) {
        try (var connection = connect(port);
                var statement = connection.createStatement()) {
            for (var sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The first value of the first row. */
    public String ask(String database, String sql) {
        try (var connection = connect(port, database);
                var rows = connection.createStatement().executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** As if the machine had lost its power. */
    public void crash() {
        signal("KILL");
        Awaitility.await().atMost(PATIENCE).until(() -> processes().isEmpty());
    }

    public void freeze() {
        signal("STOP");
    }

    public void thaw() {
        signal("CONT");
    }

    /** A session may end by itself meanwhile: then there is nothing to be signalled. */
    private void signal(String name) {
        var words = new ArrayList<>(List.of("kill", "-" + name));
        processes().forEach(pid -> words.add(pid.toString()));
        try {
            launch(words, home.resolve("log")).waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<Long> processes() {
        return process.isAlive()
                ? Stream.concat(
                                Stream.of(process.pid()),
                                process.descendants().map(ProcessHandle::pid))
                        .toList()
                : List.of();
    }

    /** Where a new session comes to, by this port. */
    public static String name(int port) throws SQLException {
        try (var connection = connect(port)) {
            return name(connection);
        }
    }

    public static String name(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("show cluster_name")) {
            rows.next();
            return rows.getString(1);
        }
    }

    public static Connection connect(int port) throws SQLException {
        return connect(port, "postgres");
    }

    public static Connection connect(int port, String database) throws SQLException {
        return connect(port, database, "postgres", PASSWORD);
    }

    /** Speaks the simple protocol as Odoo's driver does: no prepared statements. */
    public static Connection connect(int port, String database, String user, String password)
            throws SQLException {
        var properties = new Properties();
        properties.put("user", user);
        properties.put("password", password);
        properties.put("preferQueryMode", "simple");
        properties.put("sslmode", "disable");
        properties.put("connectTimeout", "10");
        properties.put("socketTimeout", "40");
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + port + "/" + database, properties);
    }

    /** PostgreSQL and PgBouncer refuse to run as root. */
    public static List<String> asServerUser(String... words) {
        var all = new ArrayList<String>();
        if (isRoot()) {
            all.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres"));
            all.addAll(List.of("--init-groups", "--"));
        }
        all.addAll(List.of(words));
        return all;
    }

    public static void giveAway(Path path) {
        if (isRoot()) {
            run(List.of("chown", "-R", "postgres:", path.toString()));
        }
    }

    public static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    public static Process launch(List<String> words, Path log) {
        try {
            return new ProcessBuilder(words)
                    .redirectInput(new File("/dev/null"))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What it printed; fails with the same if the program fails. */
    public static String run(List<String> words) {
        try {
            var process = new ProcessBuilder(words).redirectErrorStream(true).start();
            var text = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertThat(process.waitFor()).as(words + ": " + text).isZero();
            return text;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void run(List<String> initdb, Path word) {
        initdb.addAll(List.of("--no-sync", "--pwfile", word.toString(), "-D", data().toString()));
        run(initdb);
    }

    private Path data() {
        return home.resolve("data");
    }

    public static void delete(Path folder) {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            crash();
        }
        delete(home);
    }
}
