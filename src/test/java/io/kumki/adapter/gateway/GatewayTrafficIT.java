package io.kumki.adapter.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.PooledByteBufAllocator;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** Everything that PostgreSQL's protocol does passes through as if nobody stood between. */
class GatewayTrafficIT {
    private static PostgresServer n1;
    private Doorway door;

    @BeforeAll
    static void start() {
        n1 = new PostgresServer("n1");
    }

    @AfterAll
    static void stop() {
        n1.close();
    }

    @BeforeEach
    void open() {
        door = new Doorway().open(1, n1.target());
    }

    @AfterEach
    void close() {
        door.close();
    }

    @Test
    void copyGoesBothWays() throws Exception {
        var rows = new StringBuilder();
        for (int i = 0; i < 200_000; i++) {
            rows.append(i).append('\t').append("row ").append(i).append('\n');
        }
        try (var session = PostgresServer.connect(door.rw(), Map.of())) {
            var copy = session.unwrap(PGConnection.class).getCopyAPI();
            PostgresServer.ask(session, "create temporary table heap (id int, word text)");
            copy.copyIn(
                    "copy heap from stdin",
                    new ByteArrayInputStream(rows.toString().getBytes(UTF_8)));
            var back = new ByteArrayOutputStream();
            copy.copyOut("copy (select * from heap order by id) to stdout", back);

            assertThat(back.toString(UTF_8)).isEqualTo(rows.toString());
            assertThatThrownBy(
                            () ->
                                    copy.copyIn(
                                            "copy heap from stdin",
                                            new ByteArrayInputStream("x\ty\n".getBytes(UTF_8))))
                    .isInstanceOf(SQLException.class);
            assertThat(PostgresServer.ask(session, "select count(*) from heap"))
                    .isEqualTo("200000");
        }
    }

    @Test
    void notificationsArrive() throws Exception {
        try (var listener = PostgresServer.connect(door.rw(), Map.of());
                var speaker = door.write()) {
            PostgresServer.ask(listener, "listen imbus");
            PostgresServer.ask(speaker, "notify imbus, 'cron'");

            var heard = listener.unwrap(PGConnection.class).getNotifications(20_000);

            assertThat(heard).hasSize(1);
            assertThat(heard[0].getParameter()).isEqualTo("cron");
        }
    }

    @Test
    void largeRowsAndManyRowsAreWhole() throws Exception {
        var large = "x".repeat(30_000_000);
        try (var session = PostgresServer.connect(door.rw(), Map.of());
                var echo = session.prepareStatement("select ?::text")) {
            echo.setString(1, large);
            try (var rows = echo.executeQuery()) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getString(1)).isEqualTo(large);
            }
            var sql = "select sum(i) from generate_series(1, 300000) i";
            assertThat(PostgresServer.ask(session, sql)).isEqualTo("45000150000");
        }
    }

    /** 2 GB would be the whole memory many times over. */
    @Test
    void aSlowReaderFillsNoMemory() throws Exception {
        try (var lazy = new RawClient(door.rw(), 65_536, 0).login()) {
            long before = PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
            lazy.query("select repeat('x', 100000) from generate_series(1, 20000)");
            Awaitility.await().until(() -> waitsForItsClient("ClientWrite"));
            double passed = door.counter("kumki.gateway.bytes", "direction", "to-client");

            assertThat(passed).isLessThan(30e6);
            assertThat(PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory() - before)
                    .isLessThan(30_000_000);
            try (var other = door.write()) {
                assertThat(PostgresServer.ask(other, "select 1")).isEqualTo("1");
            }
            long read = 0;
            for (int row = 0; row < 1000; row++) {
                read += lazy.until('D').getLast().body().length;
            }
            assertThat(read).isEqualTo(1000 * 100_006L);
        }
        Awaitility.await().until(() -> !waitsForItsClient("ClientWrite"));
    }

    /** The server reads nothing while it sleeps: what the client sends must stay with it. */
    @Test
    void aSlowServerFillsNoMemory() throws Exception {
        try (var session = new RawClient(door.rw()).login()) {
            session.query("select pg_sleep(3)");
            var sender =
                    CompletableFuture.runAsync(
                            () -> {
                                try {
                                    for (int i = 0; i < 400; i++) {
                                        session.query("-- " + "x".repeat(250_000));
                                    }
                                } catch (java.io.IOException e) {
                                    throw new java.io.UncheckedIOException(e);
                                }
                            });
            session.until('Z');
            double passed = door.counter("kumki.gateway.bytes", "direction", "to-server");
            assertThat(passed).isLessThan(50e6);
            for (int i = 0; i < 400; i++) {
                session.until('Z');
            }
            sender.get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void aStatementIsCancelled() throws Exception {
        try (var session = door.write();
                var statement = session.createStatement()) {
            var running =
                    CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    statement.execute("select pg_sleep(60)");
                                    return "slept";
                                } catch (SQLException e) {
                                    return e.getSQLState();
                                }
                            });
            Awaitility.await().until(() -> waitsForItsClient("PgSleep"));

            statement.cancel();

            assertThat(running.get(30, TimeUnit.SECONDS)).isEqualTo("57014");
        }
    }

    /** The key of a session that came in by another port, and one that nobody has. */
    @Test
    void aCancelRequestFindsItsServerByTheKey() throws Exception {
        try (var session = new RawClient(door.rw())) {
            session.startup();
            var key =
                    session.until('Z').stream()
                            .filter(m -> m.type() == 'K')
                            .findFirst()
                            .orElseThrow()
                            .body();
            session.query("select pg_sleep(60)");
            var wrong = key.clone();
            wrong[7] ^= 1;
            for (var attempt : List.of(wrong, key)) {
                try (var canceller = new RawClient(door.ro())) {
                    var packet = java.nio.ByteBuffer.allocate(16).putInt(16).putInt(80877102);
                    canceller.send(packet.put(attempt).array());
                    assertThat(canceller.oneByte()).isEqualTo(-1);
                }
            }
            assertThat(session.until('E').getLast().field('C')).isEqualTo("57014");
            session.until('Z');
        }
    }

    /** A client that says no more may still want its answers. */
    @Test
    void aHalfClosedClientGetsItsAnswers() throws Exception {
        try (var session = new RawClient(door.rw()).login()) {
            session.query("select pg_sleep(0.3), repeat('y', 500000)");
            session.socket.shutdownOutput();

            assertThat(session.until('Z')).anyMatch(m -> m.type() == 'D');
            assertThat(session.oneByte()).isEqualTo(-1);
        }
        Awaitility.await().until(() -> door.gauge("kumki.gateway.sessions") == 0);
    }

    @Test
    void aServerThatEndsASessionEndsItForTheClient() throws Exception {
        try (var session = new RawClient(door.rw()).login()) {
            var pid = session.answer("select pg_backend_pid()");

            n1.ask("select pg_terminate_backend(" + pid + ")");

            assertThat(session.until('E').getLast().field('C')).isEqualTo("57P01");
            assertThat(session.oneByte()).isEqualTo(-1);
        }
    }

    @Test
    void aClientThatDiesLeavesNoSessionBehind() throws Exception {
        try (var session = new RawClient(door.rw()).login()) {
            session.socket.setSoLinger(true, 0);
        }
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> n1.ask(OTHERS).equals("0"));
        assertThat(door.gauge("kumki.gateway.sessions")).isZero();
    }

    @Test
    void threeHundredSessionsWorkAtOnce() throws Exception {
        var sessions = new ArrayList<RawClient>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var opening = new ArrayList<java.util.concurrent.Future<RawClient>>();
            for (int i = 0; i < 300; i++) {
                opening.add(threads.submit(() -> new RawClient(door.rw()).login()));
            }
            for (var session : opening) {
                sessions.add(session.get(60, TimeUnit.SECONDS));
            }
            assertThat(door.gauge("kumki.gateway.sessions")).isEqualTo(300);
            var answers = new ArrayList<java.util.concurrent.Future<String>>();
            for (int i = 0; i < 300; i++) {
                var session = sessions.get(i);
                var sql = "select repeat('" + (char) ('a' + i % 26) + "', " + (1000 + i) + ")";
                answers.add(threads.submit(() -> session.answer(sql)));
            }
            for (int i = 0; i < 300; i++) {
                assertThat(answers.get(i).get(60, TimeUnit.SECONDS))
                        .isEqualTo(String.valueOf((char) ('a' + i % 26)).repeat(1000 + i));
            }
        }
        for (var session : sessions) {
            session.close();
        }
        Awaitility.await().until(() -> door.gauge("kumki.gateway.sessions") == 0);
        Awaitility.await().until(() -> n1.ask(OTHERS).equals("0"));
    }

    private static final String OTHERS =
            "select count(*) from pg_stat_activity where backend_type = 'client backend'"
                    + " and pid <> pg_backend_pid()";

    private static boolean waitsForItsClient(String event) throws SQLException {
        var sql = "select count(*) > 0 from pg_stat_activity where wait_event = '%s'";
        return n1.ask(sql.formatted(event)).equals("t");
    }
}
