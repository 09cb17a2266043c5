package io.kumki.adapter.pgbouncer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kumki.adapter.haproxy.LoneServer;
import io.kumki.core.model.HostPort;
import io.kumki.core.routing.Routes;
import io.kumki.core.routing.Target;
import io.kumki.support.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** Two servers that know nothing of each other, and a real PgBouncer before them. */
class PgbouncerPublisherIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final int SWITCHOVERS = 6;

    private static LoneServer n1;
    private static LoneServer n2;
    private static String secret;

    private final AtomicInteger pokes = new AtomicInteger();
    private PgbouncerProcess pgbouncer;
    private PgbouncerPublisher publisher;

    @BeforeAll
    static void startServers() {
        n1 = new LoneServer("n1");
        n2 = new LoneServer("n2");
        secret = Shop.open(n1, n2);
    }

    @AfterAll
    static void endServers() {
        n1.close();
        n2.close();
    }

    @BeforeEach
    void start() throws IOException {
        pgbouncer = new PgbouncerProcess(secret);
        Files.copy(Path.of("deploy", "pgbouncer", "databases.ini"), pgbouncer.databases);
        pgbouncer.start();
        publisher = publisher(PgbouncerProcess.ADMIN_PASSWORD);
    }

    private PgbouncerPublisher publisher(String password) {
        return new PgbouncerPublisher(
                new PgbouncerPublisher.Terms(
                        pgbouncer.admin(),
                        PgbouncerProcess.ADMIN,
                        password,
                        pgbouncer.databases,
                        List.of("postgres"),
                        Duration.ofSeconds(5)),
                pokes::incrementAndGet);
    }

    @AfterEach
    void end() {
        publisher.close();
        pgbouncer.close();
    }

    @Test
    void itIsLedToTheLeaderAndTheFileKeepsItsMode() throws Exception {
        var mode = Files.getPosixFilePermissions(pgbouncer.databases);
        var owner = Files.getOwner(pgbouncer.databases);

        lead(1, n2.target());

        assertThat(where("shop")).isEqualTo("n2");
        assertThat(where("postgres")).isEqualTo("n2");
        assertThat(pgbouncer.databases)
                .content(UTF_8)
                .contains("postgres = host=127.0.0.1 port=" + n2.target().address().port());
        assertThat(Files.getPosixFilePermissions(pgbouncer.databases)).isEqualTo(mode);
        assertThat(Files.getOwner(pgbouncer.databases)).isEqualTo(owner);
        var written = Files.getLastModifiedTime(pgbouncer.databases);
        lead(2, n2.target());
        assertThat(Files.getLastModifiedTime(pgbouncer.databases)).isEqualTo(written);
    }

    /** The heart of it: planned switchovers, to and fro, fail nobody. */
    @Test
    void aPlannedSwitchoverFailsNoStatement() throws Exception {
        lead(1, n1.target());
        try (var odoo = new OdooLike(pgbouncer, 5)) {
            for (long term = 1; term <= SWITCHOVERS; term++) {
                awaitWrites(odoo, odoo.done() + 20);
                switchOver(term, term % 2 == 1 ? n1 : n2, term % 2 == 1 ? n2 : n1);
            }
            awaitWrites(odoo, odoo.done() + 20);

            assertThat(odoo.failures()).isEmpty();
            assertThat(odoo.seen()).containsExactlyInAnyOrder("n1", "n2");
            assertThat(pokes.get()).isPositive();
        }
    }

    private void switchOver(long term, LoneServer from, LoneServer to) throws Exception {
        var draining = new Routes.Draining(from.target(), to.target().node().name());
        publisher.route(routes(term, draining));
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> publisher.doors().holding() && publisher.doors().busy() == 0);
        publisher.route(routes(term, new Routes.Vacant(from.target() + " stops")));
        TimeUnit.MILLISECONDS.sleep(300);
        lead(term + 1, to.target());
    }

    @Test
    void aSwitchoverThatIsGivenUpLetsEverybodyGoOn() throws Exception {
        lead(1, n1.target());
        try (var busy = pgbouncer.connect("shop");
                var odoo = new OdooLike(pgbouncer, 3)) {
            awaitWrites(odoo, 20);
            busy.setAutoCommit(false);
            Shop.order(busy);
            publisher.route(routes(1, new Routes.Draining(n1.target(), "n2")));
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> publisher.doors().holding() && publisher.doors().busy() == 1);
            TimeUnit.MILLISECONDS.sleep(500);
            assertThat(publisher.doors().busy()).as("it does not end in time").isEqualTo(1);
            int before = odoo.done();
            lead(1, n1.target());
            awaitWrites(odoo, before + 20);
            Shop.order(busy);
            busy.commit();

            assertThat(odoo.failures()).isEmpty();
            assertThat(publisher.doors().holding()).isFalse();
        }
    }

    @Test
    void whenTheServerDiesClientsWaitForTheNextAndGoOn() throws Exception {
        lead(1, n1.target());
        try (var odoo = new OdooLike(pgbouncer, 4)) {
            awaitWrites(odoo, 20);
            n1.crash();
            publisher.route(routes(1, new Routes.Vacant("n1 died")));
            Awaitility.await().atMost(PATIENCE).until(() -> publisher.doors().holding());
            TimeUnit.MILLISECONDS.sleep(500);
            int lost = odoo.failures().size();
            int before = odoo.done();
            TimeUnit.SECONDS.sleep(1);
            lead(2, n2.target());
            awaitWrites(odoo, before + 50);

            assertThat(odoo.failures()).as("none since it is held").hasSize(lost);
            assertThat(odoo.seen()).contains("n2");
        } finally {
            n1.start();
        }
    }

    /** I7: what was open there must not be committed when it thaws. */
    @Test
    void sessionsToAFrozenLeaderAreCut() throws Exception {
        lead(1, n1.target());
        var orders = Integer.parseInt(n1.ask("shop", "select count(*) from orders"));
        try (var open = pgbouncer.connect("shop")) {
            open.setAutoCommit(false);
            Shop.order(open);
            n1.freeze();
            publisher.route(routes(1, new Routes.Vacant("n1 is silent")));
            Awaitility.await().atMost(PATIENCE).until(() -> active() == 0);
            lead(2, n2.target());

            assertThat(where("shop")).isEqualTo("n2");
            n1.thaw();
            assertThatThrownBy(open::commit).isInstanceOf(SQLException.class);
            assertThat(n1.ask("shop", "select count(*) from orders"))
                    .isEqualTo(Integer.toString(orders));
        } finally {
            n1.thaw();
        }
    }

    /** ODOO.md 37, 38. */
    @Test
    void listenersHaveASessionAndLeaveAFormerLeader() throws Exception {
        lead(1, n1.target());
        try (var listener = pgbouncer.connect("postgres");
                var other = pgbouncer.connect("postgres")) {
            Shop.execute(listener, "listen cron_trigger");
            Shop.execute(other, "notify cron_trigger, 'go'");
            Shop.execute(listener, "select 1");
            assertThat(listener.unwrap(PGConnection.class).getNotifications()).hasSize(1);

            publisher.route(routes(1, new Routes.Draining(n1.target(), "n2")));
            Awaitility.await().atMost(PATIENCE).until(() -> publisher.doors().holding());
            Shop.execute(listener, "select 1");
            assertThat(publisher.doors().busy()).isZero();
            assertThat(publisher.doors().opaque()).isEqualTo(2);

            lead(2, n2.target());
            assertThatThrownBy(() -> Shop.execute(listener, "select 1"))
                    .isInstanceOf(SQLException.class);
        }
        assertThat(where("postgres")).isEqualTo("n2");
    }

    @Test
    void aNewClientWaitsInAVacancy() throws Exception {
        lead(1, n1.target());
        assertThat(where("shop")).isEqualTo("n1");
        publisher.route(routes(1, new Routes.Vacant("a reason")));
        Awaitility.await().atMost(PATIENCE).until(() -> publisher.doors().holding());

        var waiting = CompletableFuture.supplyAsync(this::whereUnchecked);
        TimeUnit.MILLISECONDS.sleep(500);
        assertThat(waiting).isNotDone();
        lead(2, n2.target());

        assertThat(waiting.get(20, TimeUnit.SECONDS)).isEqualTo("n2");
    }

    @Test
    void aPgbouncerThatRestartsIsHeldAgainAndReleased() throws Exception {
        lead(1, n1.target());
        assertThat(where("shop")).isEqualTo("n1");
        var vacant = routes(1, new Routes.Vacant("a reason"));
        publisher.route(vacant);
        Awaitility.await().atMost(PATIENCE).until(() -> publisher.doors().holding());
        pgbouncer.crash();
        pgbouncer.start();

        Awaitility.await()
                .atMost(PATIENCE)
                .until(
                        () -> {
                            publisher.route(vacant);
                            return pgbouncer.ask("SHOW DATABASES").stream()
                                    .anyMatch(d -> d.contains("paused=1"));
                        });
        lead(2, n2.target());
        assertThat(where("shop")).isEqualTo("n2");
        assertThat(where("postgres")).isEqualTo("n2");
    }

    /**
     * I6: an agent that died in between leaves PgBouncer paused; the next one looks, and again:
     * PgBouncer does not show a paused database that has no client.
     */
    @Test
    void whatWasLeftPausedIsReleased() throws Exception {
        lead(1, n1.target());
        assertThat(where("shop")).isEqualTo("n1");
        pgbouncer.ask("PAUSE shop");
        pgbouncer.ask("PAUSE postgres");
        try (var next = publisher(PgbouncerProcess.ADMIN_PASSWORD)) {
            var waiting = CompletableFuture.supplyAsync(this::whereUnchecked);
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(
                            () -> {
                                next.route(routes(1, new Routes.Open(n1.target())));
                                return waiting.isDone();
                            });

            assertThat(waiting.get()).isEqualTo("n1");
            assertThat(where("postgres")).isEqualTo("n1");
        }
    }

    /** I7. */
    @Test
    void anOlderTermIsIgnored() throws Exception {
        lead(5, n2.target());

        publisher.route(routes(4, new Routes.Open(n1.target())));
        publisher.route(routes(4, new Routes.Vacant("older")));

        TimeUnit.SECONDS.sleep(1);
        assertThat(where("shop")).isEqualTo("n2");
        assertThat(publisher.doors().holding()).isFalse();
    }

    @Test
    void whatIsWrongIsSaidAndNobodyIsLeftPaused() throws Exception {
        try (var stranger = publisher("not the password")) {
            stranger.route(routes(1, new Routes.Open(n1.target())));
            await(stranger, "authentication failed");
        }
        var elsewhere = new HostPort("127.0.0.1", FreePort.next());
        var away = terms(elsewhere, pgbouncer.databases);
        try (var nobody = new PgbouncerPublisher(away, () -> {})) {
            nobody.route(routes(1, new Routes.Open(n1.target())));
            await(nobody, "refused");
        }
        lead(1, n1.target());
        assertThat(where("shop")).isEqualTo("n1");
        var unread = terms(pgbouncer.admin(), pgbouncer.databases.resolveSibling("unread.ini"));
        try (var misled = new PgbouncerPublisher(unread, () -> {})) {
            misled.route(routes(2, new Routes.Open(n2.target())));
            await(misled, "does it include");
            assertThat(where("shop")).as("not led, and not paused either").isEqualTo("n1");
        }
    }

    private static PgbouncerPublisher.Terms terms(HostPort admin, Path databases) {
        return new PgbouncerPublisher.Terms(
                admin,
                PgbouncerProcess.ADMIN,
                PgbouncerProcess.ADMIN_PASSWORD,
                databases,
                List.of("postgres"),
                Duration.ofSeconds(5));
    }

    private static void await(PgbouncerPublisher one, String text) {
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(one.last().summary()).contains(text));
        assertThat(one.last().problem()).isTrue();
    }

    /** Returns when PgBouncer leads there. */
    private void lead(long term, Target target) {
        var routes = routes(term, new Routes.Open(target));
        publisher.route(routes);
        Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(() -> assertThat(publisher.done()).isEqualTo(routes));
    }

    private static Routes routes(long term, Routes.Writer writer) {
        return new Routes(term, writer, List.of(), List.of());
    }

    private String where(String database) throws SQLException {
        try (var connection = pgbouncer.connect(database)) {
            return LoneServer.name(connection);
        }
    }

    private String whereUnchecked() {
        try {
            return where("shop");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private int active() {
        return publisher.doors().holding() ? publisher.doors().busy() : 1;
    }

    private static void awaitWrites(OdooLike odoo, int count) {
        Awaitility.await().atMost(PATIENCE).until(() -> odoo.done() >= count);
    }
}
