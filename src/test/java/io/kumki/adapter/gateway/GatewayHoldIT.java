package io.kumki.adapter.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kumki.core.model.HostPort;
import io.kumki.core.model.NodeId;
import io.kumki.core.routing.Target;
import java.io.EOFException;
import java.net.BindException;
import java.net.ServerSocket;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who is let in, who waits, who is sent away; with two real servers. */
class GatewayHoldIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static PostgresServer n1;
    private static PostgresServer n2;

    @BeforeAll
    static void start() {
        n1 = new PostgresServer("n1");
        n2 = new PostgresServer("n2");
    }

    @AfterAll
    static void stop() {
        n1.close();
        n2.close();
    }

    @Test
    void aNewSessionWaitsForAPrimaryAndIsServed() throws Exception {
        try (var door = new Doorway(LONG, 1000, Optional.empty())) {
            door.vacant(1, "nobody leads");
            var waiting = inBackground(() -> nameThrough(door.rw()));
            awaitHeld(door, 1);
            assertThat(door.gateway().doors().holding()).isTrue();

            door.open(2, n2.target());

            assertThat(waiting.get(30, TimeUnit.SECONDS)).isEqualTo("n2");
            assertThat(door.gauge("kumki.gateway.held")).isZero();
            Awaitility.await().until(() -> !door.gateway().doors().holding());
        }
    }

    @Test
    void afterTheHoldItIsToldWhy() {
        try (var door = new Doorway(Duration.ofSeconds(1), 1000, Optional.empty())) {
            door.vacant(1, "n1 was lost and n2 lacks 3 MB");

            for (var port : List.of(door.rw(), door.ro())) {
                assertThatThrownBy(() -> nameThrough(port))
                        .isInstanceOf(SQLException.class)
                        .hasMessageContaining(" for 1 s: n1 was lost and n2 lacks 3 MB")
                        .extracting(e -> ((SQLException) e).getSQLState())
                        .isEqualTo("57P03");
            }
            assertThat(door.counter("kumki.gateway.refused", "reason", "hold")).isEqualTo(2);
        }
    }

    @Test
    void sessionsOfAFormerLeaderAreCutAndAnOlderTermIsIgnored() throws Exception {
        try (var door = new Doorway().open(5, n1.target());
                var busy = new RawClient(door.rw()).login();
                var idle = new RawClient(door.rw()).login()) {
            busy.query("begin; select pg_sleep(60)");

            door.vacant(5, "the lease of n1 has ended");

            for (var client : List.of(busy, idle)) {
                var error = client.until('E').getLast();
                assertThat(error.field('C')).isEqualTo("57P01");
                assertThat(error.field('M')).startsWith("Kumki: ").contains("lease of n1");
                assertThat(client.oneByte()).isEqualTo(-1);
            }
            door.open(6, n2.target());
            door.open(5, n1.target());
            assertThat(nameThrough(door.rw())).isEqualTo("n2");
            try (var stays = new RawClient(door.rw()).login()) {
                door.open(7, n2.target());
                assertThat(nameThrough(door.rw())).isEqualTo("n2");
                assertThat(stays.answer("show cluster_name")).isEqualTo("n2");
                door.open(8, n1.target());
                assertThatThrownBy(() -> stays.until('Z')).isInstanceOf(EOFException.class);
            }
        }
    }

    @Test
    void aServerThatIsNotThereYetIsWaitedFor() throws Exception {
        try (var server = new PostgresServer("n3");
                var door = new Doorway(LONG, 1000, Optional.empty())) {
            server.stop("fast");
            door.open(1, server.target());
            var waiting = inBackground(() -> nameThrough(door.rw()));
            awaitHeld(door, 1);

            server.start();

            assertThat(waiting.get(60, TimeUnit.SECONDS)).isEqualTo("n3");
        }
    }

    /** A server that shuts down answers 57P03 for as long as somebody's session lasts. */
    @Test
    void aServerThatRefusesForNowIsOnlyAReasonToWait() throws Exception {
        try (var server = new PostgresServer("n3");
                var door = new Doorway(LONG, 1000, Optional.empty()).open(1, server.target());
                var old = PostgresServer.connect(server.address(), Map.of())) {
            var ending = inBackground(() -> smartStop(server));
            Awaitility.await().until(() -> refusesNow(server));
            var waiting = inBackground(() -> nameThrough(door.rw()));
            awaitHeld(door, 1);
            assertThat(old.isClosed()).isFalse();

            door.open(2, n1.target());

            assertThat(waiting.get(30, TimeUnit.SECONDS)).isEqualTo("n1");
            old.abort(Runnable::run);
            ending.get(60, TimeUnit.SECONDS);
        }
    }

    /** It accepts and says nothing: a frozen postmaster. */
    @Test
    void aServerThatSaysNothingIsGivenUpForTheNextLeader() throws Exception {
        try (var frozen = new ServerSocket(0);
                var door = new Doorway(LONG, 1000, Optional.empty())) {
            door.open(1, target(frozen.getLocalPort()));
            var waiting = inBackground(() -> nameThrough(door.rw()));
            try (var asked = frozen.accept()) {
                assertThat(asked.getInputStream().read()).isZero();
                door.open(2, n2.target());

                assertThat(waiting.get(30, TimeUnit.SECONDS)).isEqualTo("n2");
            }
        }
    }

    @Test
    void otherRefusalsPassUnchanged() {
        try (var door = new Doorway().open(1, n1.target())) {
            assertThatThrownBy(() -> PostgresServer.connect(door.rw(), Map.of("password", "wrong")))
                    .hasMessageContaining("password authentication failed")
                    .extracting(e -> ((SQLException) e).getSQLState())
                    .isEqualTo("28P01");
            assertThatThrownBy(() -> PostgresServer.connect(door.rw(), Map.of("user", "nobody")))
                    .hasMessageContaining("nobody");
        }
    }

    @Test
    void moreThanTheMostAreRefused() throws Exception {
        try (var door = new Doorway(LONG, 3, Optional.empty()).open(1, n1.target())) {
            var open = new ArrayList<RawClient>();
            for (int i = 0; i < 3; i++) {
                open.add(new RawClient(door.rw()).login());
            }
            assertThatThrownBy(() -> nameThrough(door.rw()))
                    .extracting(e -> ((SQLException) e).getSQLState())
                    .isEqualTo("53300");
            open.getFirst().close();
            Awaitility.await().until(() -> door.gauge("kumki.gateway.sessions") == 2);
            assertThat(nameThrough(door.rw())).isEqualTo("n1");
            for (var client : open) {
                client.close();
            }
        }
    }

    @Test
    void whoDoesNotSpeakPostgresIsClosedQuietly() throws Exception {
        try (var door = new Doorway().open(1, n1.target())) {
            for (var words :
                    List.of("GET / HTTP/1.1\r\n\r\n", "\0\1\0\0\0\3\0\0", "\0\0\0\7\0\3\0")) {
                try (var client = new RawClient(door.rw())) {
                    client.send(words.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
                    if (words.length() > 7) {
                        assertThatThrownBy(
                                        () -> {
                                            if (client.oneByte() < 0) {
                                                throw new EOFException();
                                            }
                                        })
                                .isInstanceOf(java.io.IOException.class);
                    }
                }
            }
            assertThat(nameThrough(door.rw())).isEqualTo("n1");
            assertThat(door.counter("kumki.gateway.refused", "reason", "garbage")).isEqualTo(2);
        }
    }

    @Test
    void aClientThatGivesUpWhileItWaitsIsForgotten() throws Exception {
        try (var door = new Doorway(LONG, 1000, Optional.empty()).vacant(1, "nobody leads")) {
            try (var client = new RawClient(door.rw())) {
                client.startup();
                awaitHeld(door, 1);
            }
            awaitHeld(door, 0);
        }
    }

    @Test
    void routesThatLeadInACircleAreRefused() {
        try (var door = new Doorway()) {
            door.open(1, new Target(new NodeId("n1"), door.rw()));

            assertThatThrownBy(() -> nameThrough(door.rw()))
                    .hasMessageContaining("routes lead in a circle");
            assertThat(door.gauge("kumki.gateway.sessions")).isLessThanOrEqualTo(1);
        }
    }

    /**
     * Linux gives one local port to several connections, if they lead to different places. Some
     * other program may have it too, and not want to share: then the next one is tried.
     */
    @Test
    void aClientWithThePortOfAnotherConnectionIsNoCircle() throws Exception {
        var sql = "select client_port from pg_stat_activity where pid = pg_backend_pid()";
        try (var door = new Doorway().open(1, n1.target())) {
            for (int attempt = 1; ; attempt++) {
                try (var first = new RawClient(door.rw()).login();
                        var second =
                                new RawClient(door.rw(), 0, Integer.parseInt(first.answer(sql)))
                                        .login()) {
                    assertThat(second.answer("show cluster_name")).isEqualTo("n1");
                    return;
                } catch (BindException taken) {
                    assertThat(attempt).as("ports that cannot be shared").isLessThan(20);
                }
            }
        }
    }

    @Test
    void aTakenPortIsNamed() throws Exception {
        try (var taken = new ServerSocket(0, 1, java.net.InetAddress.getByName("127.0.0.1"))) {
            var where = new HostPort("127.0.0.1", taken.getLocalPort());
            var terms =
                    new Gateway.Terms(
                            Optional.of(where), Optional.empty(), LONG, LONG, 10, Optional.empty());
            var vertx = io.vertx.core.Vertx.vertx();
            var meters = new io.micrometer.core.instrument.simple.SimpleMeterRegistry();
            try {
                var opening = new Gateway(vertx, terms, meters, () -> {}).open();
                Awaitility.await().until(opening::isComplete);
                assertThat(opening.cause()).hasMessageContaining("can't listen on " + where);
            } finally {
                vertx.close().toCompletionStage().toCompletableFuture().join();
            }
        }
    }

    private static Target target(int port) {
        return new Target(new NodeId("frozen"), new HostPort("127.0.0.1", port));
    }

    private static String nameThrough(HostPort port) throws SQLException {
        try (var session = PostgresServer.connect(port, Map.of("preferQueryMode", "simple"))) {
            return PostgresServer.ask(session, "show cluster_name");
        }
    }

    private static String smartStop(PostgresServer server) {
        server.stop("smart");
        return "stopped";
    }

    private static boolean refusesNow(PostgresServer server) {
        try {
            server.ask("select 1");
            return false;
        } catch (SQLException e) {
            return "57P03".equals(e.getSQLState());
        }
    }

    private static void awaitHeld(Doorway door, int count) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> door.gauge("kumki.gateway.held") == count);
    }

    private static CompletableFuture<String> inBackground(
            java.util.concurrent.Callable<String> work) {
        var done = new CompletableFuture<String>();
        Thread.ofVirtual()
                .start(
                        () -> {
                            try {
                                done.complete(work.call());
                            } catch (Exception e) {
                                done.completeExceptionally(e);
                            }
                        });
        return done;
    }
}
