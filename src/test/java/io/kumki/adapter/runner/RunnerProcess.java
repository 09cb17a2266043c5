package io.kumki.adapter.runner;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.support.FreePort;
import io.kumki.support.PostgresPrograms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * One real runner with its server, driven through its files as an agent would. As root it gives
 * everything to the user {@code postgres}, whom the runner then becomes.
 */
final class RunnerProcess implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(60);
    static final String PASSWORD = "it's a \\ secret:1";
    private static final Path SOURCES = Path.of("deploy", "node");

    final Path data;
    final Path run;
    final int port;
    private final Path script;
    private final String node;
    private long order;
    private Process process;

    /** Copies the scripts: the checkout may be unreadable to the server's user. */
    RunnerProcess(Path home, String node) {
        this.node = node;
        this.data = home.resolve(node).resolve("data");
        this.run = home.resolve(node).resolve("run");
        this.script = home.resolve("kumki-runner");
        this.port = FreePort.next();
        try {
            Files.createDirectories(run);
            for (var name : List.of("kumki-runner", "kumki-role.sh")) {
                var copy = home.resolve(name);
                Files.copy(SOURCES.resolve(name), copy, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        giveAway(home);
    }

    static Path freshHome() {
        try {
            var home = Files.createTempDirectory(Path.of("/tmp"), "kumki-");
            giveAway(home);
            return home;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static boolean root() {
        return "root".equals(System.getProperty("user.name"));
    }

    private static void giveAway(Path home) {
        if (root()) {
            shell("chown -R postgres: " + home);
        }
    }

    /** Runs it to its end; its output. */
    static String shell(String command) {
        try {
            var shell = new ProcessBuilder("bash", "-c", command).redirectErrorStream(true).start();
            var output = new String(shell.getInputStream().readAllBytes(), UTF_8);
            assertThat(shell.waitFor()).as(command + ": " + output).isZero();
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** As the server's user. */
    static String asServerUser(String command) {
        return shell(root() ? "runuser -u postgres -- " + command : command);
    }

    static Path programs() {
        return PostgresPrograms.folder();
    }

    /** With these options of {@code postgres}, besides one that saves time. */
    RunnerProcess start(String... options) {
        var command = new ArrayList<>(List.of("bash", script.toString(), "-c", "fsync=off"));
        command.addAll(List.of(options));
        var builder = new ProcessBuilder(command);
        builder.environment().putAll(environment());
        try {
            process = builder.redirectErrorStream(true).redirectOutput(log().toFile()).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var pid = String.valueOf(process.pid());
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> !process.isAlive() || state("runner").equals(pid));
        return this;
    }

    private Map<String, String> environment() {
        var values = new HashMap<String, String>();
        values.put("PGDATA", data.toString());
        values.put("PGPORT", String.valueOf(port));
        values.put("KUMKI_RUN", run.toString());
        values.put("KUMKI_NODE", node);
        values.put("KUMKI_PGBIN", programs().toString());
        values.put("KUMKI_SOCKET_DIR", run.toString());
        values.put("KUMKI_INITDB", run.resolve("none").toString());
        values.put("KUMKI_NETWORK", "127.0.0.1/32");
        values.put("KUMKI_REPLICATION_PASSWORD", PASSWORD);
        values.put("KUMKI_POSTGRES_PASSWORD", PASSWORD);
        values.put("POSTGRES_PASSWORD", PASSWORD);
        return values;
    }

    Path log() {
        return run.resolveSibling("runner.log");
    }

    Process process() {
        return process;
    }

    /** What the runner wrote last; empty before its first word. */
    Map<String, String> state() {
        var values = new HashMap<String, String>();
        try {
            for (var row : Files.readAllLines(run.resolve("state"))) {
                var cut = row.indexOf('=');
                values.put(row.substring(0, cut), row.substring(cut + 1));
            }
        } catch (IOException notYet) {
            return values;
        }
        return values;
    }

    String state(String key) {
        return state().getOrDefault(key, "");
    }

    RunnerProcess awaitServer(String server) {
        Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(() -> assertThat(state()).containsEntry("server", server));
        return this;
    }

    /** Gives an order and waits until it is done, refused or failed. */
    Map<String, String> order(String kind, long term, String... more) {
        give(kind, term, more);
        Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(
                        () ->
                                assertThat(state())
                                        .containsEntry("ack", String.valueOf(order))
                                        .doesNotContainEntry("result", "running"));
        return state();
    }

    void give(String kind, long term, String... more) {
        order++;
        var rows = new ArrayList<>(List.of("id=" + order, "kind=" + kind, "term=" + term));
        rows.addAll(List.of(more));
        write("order", rows);
    }

    Map<String, String> follow(String kind, RunnerProcess source, String... more) {
        var rows = new ArrayList<>(List.of("source_host=127.0.0.1", "source_port=" + source.port));
        rows.addAll(List.of(more));
        return order(kind, 0, rows.toArray(String[]::new));
    }

    RunnerProcess lease(long term, double seconds) {
        var deadline = uptime() + seconds;
        write(
                "lease",
                List.of(
                        "term=" + term,
                        "deadline=%.2f".formatted(deadline),
                        "kill=%.2f".formatted(deadline + 0.5)));
        return this;
    }

    private void write(String name, List<String> rows) {
        try {
            var draft = run.resolve("." + name + ".draft");
            Files.write(draft, rows);
            Files.move(draft, run.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static double uptime() {
        try {
            return Double.parseDouble(Files.readString(Path.of("/proc/uptime")).split(" ")[0]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A primary of term 1, made from nothing. */
    RunnerProcess bootstrap() {
        lease(1, 600);
        assertThat(order("primary", 1, "bootstrap=yes", "sync_names=").get("result"))
                .as("bootstrap, log " + log())
                .isEqualTo("done");
        return this;
    }

    /** Runs it as superuser; the first column of the first row, or empty text. */
    String sql(String statement) {
        var properties = new Properties();
        properties.setProperty("user", "postgres");
        properties.setProperty("password", PASSWORD);
        properties.setProperty("connectTimeout", "5");
        properties.setProperty("socketTimeout", "20");
        var url = "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
        try (var connection = DriverManager.getConnection(url, properties);
                var query = connection.createStatement()) {
            if (!query.execute(statement)) {
                return "";
            }
            var rows = query.getResultSet();
            return rows.next() ? String.valueOf(rows.getString(1)) : "";
        } catch (SQLException e) {
            throw new IllegalStateException(statement + ": " + e.getMessage(), e);
        }
    }

    /** Waits until the statement answers so. */
    void awaitSql(String statement, String answer) {
        Awaitility.await()
                .atMost(PATIENCE)
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(sql(statement)).as(statement).isEqualTo(answer));
    }

    /** Pids of PostgreSQL processes that work in the data directory, whoever their parent is. */
    List<Long> serverProcesses() {
        var found = new ArrayList<Long>();
        ProcessHandle.allProcesses()
                .forEach(
                        handle -> {
                            try {
                                var folder = Path.of("/proc", String.valueOf(handle.pid()), "cwd");
                                if (Files.readSymbolicLink(folder).equals(data.toRealPath())) {
                                    found.add(handle.pid());
                                }
                            } catch (IOException gone) {
                                found.remove(handle.pid());
                            }
                        });
        return found;
    }

    void signal(String name, String pid) {
        shell("kill -" + name + " " + pid);
    }

    /** Ends runner and server, whatever state they are in. */
    @Override
    public void close() {
        if (process != null && process.isAlive()) {
            process.destroyForcibly();
            try {
                process.waitFor(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        serverProcesses()
                .forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
    }
}
