package io.kumki.adapter.haproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kumki.core.model.Doors;
import io.kumki.core.routing.Routes;
import io.kumki.core.routing.Target;
import io.kumki.support.FreePort;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** HAProxy looks once an hour in here: whatever it knows in time it was told. */
class HaproxyPublisherIT {
    private static final String HOURLY = "inter 1h fastinter 1h downinter 1h";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static LoneServer n1;
    private static LoneServer n2;

    private HaproxyProcess haproxy;
    private HaproxyPublisher publisher;

    @BeforeAll
    static void startServers() {
        n1 = new LoneServer("n1");
        n2 = new LoneServer("n2");
    }

    @AfterAll
    static void endServers() {
        n1.close();
        n2.close();
    }

    @BeforeEach
    void start() throws IOException {
        haproxy = new HaproxyProcess(n1, n2, HOURLY).start();
        publisher = publisher(haproxy.socket());
    }

    @AfterEach
    void end() {
        publisher.close();
        haproxy.close();
    }

    private static HaproxyPublisher publisher(String socket) {
        return new HaproxyPublisher(
                new HaproxyPublisher.Terms(
                        socket, "kumki_write", "kumki_read", Duration.ofSeconds(5)));
    }

    @Test
    void aPushSwitchesWithoutACheckAndCutsTheOldSessions() throws Exception {
        tell(open(1, n1.target(), List.of(n2.target()), List.of(n1.target())));
        assertThat(LoneServer.name(haproxy.write)).isEqualTo("n1");
        assertThat(LoneServer.name(haproxy.read)).isEqualTo("n2");
        try (var old = LoneServer.connect(haproxy.write)) {
            tell(open(2, n2.target(), List.of(n1.target()), List.of(n2.target())));

            assertCut(old);
            assertThat(LoneServer.name(haproxy.write)).isEqualTo("n2");
            assertThat(LoneServer.name(haproxy.read)).isEqualTo("n1");
        }
    }

    /** I7. */
    @Test
    void anOlderTermIsIgnored() throws Exception {
        tell(open(5, n2.target(), List.of(n2.target()), List.of()));

        publisher.route(open(4, n1.target(), List.of(n1.target()), List.of()));
        publisher.route(new Routes(4, new Routes.Vacant("older"), List.of(), List.of()));

        TimeUnit.SECONDS.sleep(1);
        assertThat(LoneServer.name(haproxy.write)).isEqualTo("n2");
        assertThat(publisher.last().summary()).startsWith("term 5");
    }

    @Test
    void inAVacancyOldSessionsAreCutAndNewOnesWait() throws Exception {
        tell(open(1, n1.target(), List.of(n1.target()), List.of()));
        try (var old = LoneServer.connect(haproxy.write)) {
            tell(new Routes(1, new Routes.Vacant("it fell"), List.of(), List.of()));

            assertCut(old);
        }
        var waiting = CompletableFuture.supplyAsync(() -> HaproxyIT.name(haproxy.write));
        TimeUnit.MILLISECONDS.sleep(500);
        assertThat(waiting).isNotDone();
        tell(open(2, n2.target(), List.of(n2.target()), List.of()));

        assertThat(waiting.get(20, TimeUnit.SECONDS)).isEqualTo("n2");
    }

    @Test
    void beforeASwitchoverNewSessionsWaitAndOldOnesGoOn() throws Exception {
        var usual = open(1, n1.target(), List.of(n2.target()), List.of(n1.target()));
        tell(usual);
        try (var old = LoneServer.connect(haproxy.write)) {
            var draining = new Routes.Draining(n1.target(), "n2");
            tell(new Routes(1, draining, List.of(n2.target()), List.of(n1.target())));

            assertThat(publisher.doors()).isEqualTo(new Doors(true, 0, 1));
            assertThat(LoneServer.name(old)).isEqualTo("n1");
            var waiting = CompletableFuture.supplyAsync(() -> HaproxyIT.name(haproxy.write));
            TimeUnit.MILLISECONDS.sleep(500);
            assertThat(waiting).isNotDone();
            tell(usual);

            assertThat(waiting.get(20, TimeUnit.SECONDS)).isEqualTo("n1");
            assertThat(LoneServer.name(old)).isEqualTo("n1");
            assertThat(publisher.doors().holding()).isFalse();
        }
    }

    @Test
    void aReplicaThatBecameUnfitGetsNoNewSessionAndReturns() throws Exception {
        var both = open(1, n1.target(), List.of(n2.target()), List.of(n1.target()));
        tell(both);
        try (var reader = LoneServer.connect(haproxy.read)) {
            assertThat(LoneServer.name(reader)).isEqualTo("n2");

            tell(open(1, n1.target(), List.of(n1.target()), List.of(n2.target())));
            assertThat(LoneServer.name(haproxy.read)).isEqualTo("n1");
            assertThat(LoneServer.name(reader)).isEqualTo("n2");

            tell(open(1, n1.target(), List.of(n1.target()), List.of()));
            tell(both);
            assertThat(LoneServer.name(haproxy.read)).isEqualTo("n2");
        }
    }

    @Test
    void aReaderMayNotStayWhereItIsOnlyTolerated() throws Exception {
        publisher.close();
        var terms =
                new HaproxyPublisher.Terms(
                        haproxy.socket(), "kumki_write", "kumki_read", Duration.ofSeconds(5));
        publisher = new HaproxyPublisher(terms, () -> {}, Duration.ofMillis(500));
        tell(open(1, n1.target(), List.of(n2.target()), List.of(n1.target())));
        try (var reader = LoneServer.connect(haproxy.read)) {
            var unfit = open(1, n1.target(), List.of(n1.target()), List.of(n2.target()));
            tell(unfit);

            Awaitility.await()
                    .atMost(PATIENCE)
                    .untilAsserted(
                            () -> {
                                publisher.route(unfit);
                                assertThatThrownBy(() -> LoneServer.name(reader))
                                        .isInstanceOf(SQLException.class);
                            });
        }
    }

    @Test
    void aReplicaThatIsLostLosesItsReaders() throws Exception {
        tell(open(1, n1.target(), List.of(n2.target()), List.of(n1.target())));
        try (var reader = LoneServer.connect(haproxy.read)) {
            tell(open(1, n1.target(), List.of(n1.target()), List.of()));

            assertCut(reader);
        }
    }

    @Test
    void aRestartedHaproxyIsToldAgain() throws Exception {
        var routes = open(3, n2.target(), List.of(n1.target()), List.of(n2.target()));
        tell(routes);
        haproxy.end();
        haproxy.start();

        Awaitility.await()
                .atMost(PATIENCE)
                .ignoreExceptions()
                .until(
                        () -> {
                            publisher.route(routes);
                            return LoneServer.name(haproxy.read).equals("n1")
                                    && LoneServer.name(haproxy.write).equals("n2");
                        });
    }

    @Test
    void aSocketOverTcpServesToo() throws Exception {
        var address = "127.0.0.1:" + FreePort.next();
        try (var other =
                        new HaproxyProcess(n1, n2, HOURLY)
                                .with("KUMKI_SOCKET", "ipv4@" + address)
                                .start();
                var second = publisher(other.socket())) {
            second.route(open(1, n2.target(), List.of(n2.target()), List.of()));

            HaproxyIT.awaitLedTo(other.write, "n2");
        }
    }

    @Test
    void whatIsWrongIsSaid() {
        try (var nobody = publisher("/nowhere/socket");
                var misnamed =
                        new HaproxyPublisher(
                                new HaproxyPublisher.Terms(
                                        haproxy.socket(),
                                        "no_such",
                                        "kumki_read",
                                        Duration.ofSeconds(5)))) {
            var routes = open(1, n1.target(), List.of(), List.of());
            nobody.route(routes);
            misnamed.route(routes);

            await(nobody, "/nowhere/socket");
            await(misnamed, "Can't find backend");
        }
        assertThatThrownBy(
                        () ->
                                new HaproxyPublisher.Terms(
                                        "/s", "w; shutdown", "r", Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static void await(HaproxyPublisher one, String text) {
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> one.last().problem() && one.last().summary().contains(text));
    }

    private static Routes open(
            long term, Target leader, List<Target> readers, List<Target> tolerated) {
        return new Routes(term, new Routes.Open(leader), readers, tolerated);
    }

    /** Returns when HAProxy has been told. */
    private void tell(Routes routes) {
        publisher.route(routes);
        Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(() -> assertThat(publisher.applied()).isEqualTo(routes));
    }

    private static void assertCut(Connection session) {
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThatThrownBy(() -> LoneServer.name(session))
                                        .isInstanceOf(SQLException.class));
    }
}
