package io.kumki.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.kumki.support.FreePort;
import io.kumki.support.PostgresPrograms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** A primary and an asynchronous streaming replica, with nothing around them. */
final class BarePair implements AutoCloseable {
    private static final String PASSWORD = "floor";

    private final Path home;
    private Server primary;
    private Server replica;

    /** One of the two servers. */
    record Server(Path data, Endpoint endpoint, Process process) {}

    BarePair() throws IOException {
        home = Files.createTempDirectory("kumki-floor-");
        if (Command.isRoot()) {
            Command.of("chown", "postgres:", home.toString()).run(5);
        }
        var word = Files.writeString(home.resolve("password"), PASSWORD + "\n", UTF_8);
        var data = home.resolve("a");
        postgres("initdb", "-A", "scram-sha-256", "-U", "postgres", "--pwfile", word.toString())
                .run(60, data);
        primary = start(data, FreePort.next());
        replica = cloneOf(primary, home.resolve("b"));
    }

    Server primary() {
        return primary;
    }

    Server replica() {
        return replica;
    }

    List<Endpoint> endpoints() {
        return List.of(primary.endpoint(), replica.endpoint());
    }

    /** The replica was promoted: it is the primary now, and the old one becomes its replica. */
    void swap() throws IOException {
        end(primary);
        var free = primary.data();
        primary = replica;
        delete(free);
        replica = cloneOf(primary, free);
    }

    private Server cloneOf(Server source, Path data) throws IOException {
        postgres("pg_basebackup", "-R", "-c", "fast", "-X", "stream", "-h", "127.0.0.1", "-U")
                .and("postgres", "-p", Integer.toString(source.endpoint().port()))
                .run(60, data);
        var server = start(data, FreePort.next());
        awaitStreaming(source);
        return server;
    }

    /** The settings of the demo's servers. */
    private Server start(Path data, int port) {
        var words =
                new ArrayList<>(
                        List.of(PostgresPrograms.program("postgres"), "-D", data.toString()));
        for (var setting :
                List.of(
                        "port=" + port,
                        "listen_addresses=127.0.0.1",
                        "unix_socket_directories=" + home,
                        "wal_level=replica",
                        "max_wal_senders=10",
                        "hot_standby_feedback=on",
                        "shared_buffers=32MB",
                        "wal_log_hints=on",
                        "wal_receiver_status_interval=1s",
                        "wal_retrieve_retry_interval=500ms")) {
            words.addAll(List.of("-c", setting));
        }
        var log = home.resolve(data.getFileName() + ".log");
        var process = new Command(words, Map.of()).asServerAccount().start(log);
        var login = new Endpoint.Login("postgres", PASSWORD, "postgres");
        var name = data.getFileName().toString();
        var endpoint = new Endpoint(name, "127.0.0.1", port, login);
        Machine.await("the bare server " + name, 30, () -> answers(endpoint, "select true"));
        return new Server(data, endpoint, process);
    }

    private static void awaitStreaming(Server source) {
        var sql = "select count(*) = 1 from pg_stat_replication where state = 'streaming'";
        Machine.await("the bare replica to stream", 30, () -> answers(source.endpoint(), sql));
    }

    private static boolean answers(Endpoint endpoint, String sql) {
        try (var connection = endpoint.connect();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            return rows.next() && rows.getBoolean(1);
        } catch (java.sql.SQLException notYet) {
            return false;
        }
    }

    /** pg_ctl stop -m fast, waiting for its end. */
    void stopFast(Server server) {
        postgres("pg_ctl", "stop", "-m", "fast", "-w").run(60, server.data());
    }

    private static void end(Server server) {
        server.process().destroyForcibly();
        // Its children notice by themselves that their postmaster is gone.
        Machine.await(
                "the children of a killed server to end",
                10,
                () -> Machine.processesIn(server.data()).isEmpty());
    }

    private Program postgres(String program, String... arguments) {
        var words = new ArrayList<String>();
        words.add(PostgresPrograms.program(program));
        words.addAll(List.of(arguments));
        return new Program(words);
    }

    /** A program that takes a data directory. */
    private record Program(List<String> words) {
        Program and(String... more) {
            words.addAll(List.of(more));
            return this;
        }

        void run(int seconds, Path data) {
            words.addAll(List.of("-D", data.toString()));
            new Command(words, Map.of("PGPASSWORD", PASSWORD)).asServerAccount().run(seconds);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Override
    public void close() throws IOException {
        end(replica);
        end(primary);
        delete(home);
    }
}
