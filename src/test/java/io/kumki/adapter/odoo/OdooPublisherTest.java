package io.kumki.adapter.odoo;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.adapter.odoo.OdooProcess.Commands;
import io.kumki.adapter.odoo.OdooProcess.Means;
import io.kumki.adapter.odoo.OdooProcess.Pid;
import io.kumki.adapter.odoo.OdooPublisher.Outcome;
import io.kumki.adapter.odoo.OdooPublisher.Patience;
import io.kumki.adapter.odoo.OdooPublisher.Step;
import io.kumki.adapter.odoo.OdooPublisher.Wish;
import io.kumki.core.model.HostPort;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real file, a real process and real sockets; only the clock is ours. */
class OdooPublisherTest {
    private static final Patience PATIENCE =
            new Patience(Duration.ofSeconds(5), 3, Duration.ZERO, Duration.ofSeconds(10));

    @TempDir Path folder;
    private Path conf;
    private Postmaster anna;
    private Postmaster bert;

    @BeforeEach
    void start() throws Exception {
        anna = new Postmaster();
        bert = new Postmaster();
        conf =
                Files.writeString(
                        folder.resolve("odoo.conf"),
                        "[options]\ndb_host = 127.0.0.1\ndb_port = %d\n".formatted(anna.port()));
    }

    @AfterEach
    void stop() throws Exception {
        anna.close();
        bert.close();
    }

    private Wish only(long term, Postmaster server) {
        return wish(term, server);
    }

    private Wish wish(long term, Postmaster server, HostPort... replicas) {
        return new Wish(
                term,
                server.address(),
                Arrays.asList(replicas),
                List.of(anna.address(), bert.address()));
    }

    private OdooPublisher publisher(OdooProcess odoo, Patience patience) {
        return new OdooPublisher(
                new OdooPublisher.Parts(
                        new OdooConfFile(conf), odoo, new TermNote(folder, conf), Optional.empty()),
                patience);
    }

    private OdooPublisher publisher(long pid) {
        return publisher(process(pid), PATIENCE);
    }

    private OdooProcess process(long pid) {
        return new OdooProcess(
                new Pid(pid), new Commands(Optional.empty(), Optional.empty()), conf);
    }

    private OdooProcess command(String text) {
        return new OdooProcess(
                new OdooProcess.Nowhere(), new Commands(Optional.of(text), Optional.empty()), conf);
    }

    @Test
    void afterAFailoverOdooIsRewrittenSignalledAndSeenToFollow() throws Exception {
        try (FakeOdoo fake = FakeOdoo.start(conf, FakeOdoo.FOLLOWS, Map.of())) {
            OdooPublisher publisher = publisher(fake.pid());
            assertThat(publisher.point(only(1, anna), true, 0).step()).isEqualTo(Step.UNCHANGED);

            // Promoted, but not yet writable: a signal now would end Odoo.
            Outcome early = publisher.point(only(2, bert), false, 100);
            assertThat(early.step()).isEqualTo(Step.WAITING);
            assertThat(conf).content().contains("" + anna.port());

            Outcome signalled = publisher.point(only(2, bert), true, 200);
            assertThat(signalled.step()).isEqualTo(Step.SIGNALLED);
            assertThat(signalled.rewritten()).isTrue();
            assertThat(signalled.isProblem()).isFalse();

            FakeOdoo.awaitStarts(folder.resolve("ready"), 2);
            assertThat(publisher.point(only(2, bert), true, 300).step()).isEqualTo(Step.FOLLOWED);
            assertThat(publisher.point(only(2, bert), true, 400).step()).isEqualTo(Step.UNCHANGED);

            assertThat(publisher.point(only(1, anna), true, 500).step()).isEqualTo(Step.IGNORED);
            assertThat(conf).content().contains("" + bert.port());
        }
    }

    @Test
    void anOdooThatDoesNotFollowIsToldAgainAndThenReportedAsStuck() throws Exception {
        try (FakeOdoo fake = FakeOdoo.start(conf, FakeOdoo.DEAF, Map.of("PGHOST", "x"))) {
            OdooPublisher publisher = publisher(fake.pid());
            for (long at : List.of(0L, 5000L, 10_000L)) {
                assertThat(publisher.point(only(2, bert), true, at).step())
                        .isEqualTo(Step.SIGNALLED);
                assertThat(publisher.point(only(2, bert), true, at + 4999).step())
                        .isEqualTo(Step.WAITING);
            }
            Outcome stuck = publisher.point(only(2, bert), true, 15_000);
            assertThat(stuck.step()).isEqualTo(Step.STUCK);
            assertThat(stuck.summary())
                    .contains("no restart after 3 signals, 1 connections to other servers")
                    .contains("kill it and start it");
            assertThat(stuck.warnings()).containsExactly("environment has PGHOST=x");
        }
    }

    @Test
    void anAgentThatDiedBeforeTheSignalSendsItAfterItsRestart() throws Exception {
        try (FakeOdoo fake = FakeOdoo.start(conf, FakeOdoo.FOLLOWS, Map.of())) {
            new OdooConfFile(conf).point(new Endpoints(bert.address(), Optional.empty()), () -> {});
            Outcome outcome = publisher(fake.pid()).point(only(2, bert), true, 0);
            assertThat(outcome.step()).isEqualTo(Step.SIGNALLED);
            assertThat(outcome.rewritten()).isFalse();
        }
    }

    /** Nothing of Odoo is seen here: only the note knows that it was not told. */
    @Test
    void anAgentThatDiedBeforeTheCommandRunsItOnceAfterItsRestart() {
        bert.be(Postmaster.Mood.STARTING_UP);
        Outcome waiting = publisher(command("echo one"), PATIENCE).point(only(2, bert), true, 0);
        assertThat(waiting.rewritten()).isTrue();
        assertThat(waiting.step()).isEqualTo(Step.WAITING);
        assertThat(waiting.summary()).contains("a signal now would end Odoo").contains("57P03");

        bert.be(Postmaster.Mood.OPEN);
        for (String step : List.of("SIGNALLED", "UNCHANGED")) {
            Outcome again = publisher(command("echo two"), PATIENCE).point(only(2, bert), true, 0);
            assertThat(again.rewritten()).isFalse();
            assertThat(again.step().name()).isEqualTo(step);
        }
    }

    @Test
    void aStartingOdooIsNotSignalledButAskedForAgain() throws Exception {
        Process starting = new ProcessBuilder("sleep", "60").start();
        OdooPublisher publisher = publisher(starting.pid());
        try {
            assertThat(publisher.point(only(2, bert), true, 0).step()).isEqualTo(Step.WAITING);
            assertThat(publisher.point(only(2, bert), true, 1).step()).isEqualTo(Step.WAITING);
            assertThat(starting.isAlive()).isTrue();
        } finally {
            starting.destroyForcibly().onExit().join();
        }
        assertThat(publisher.point(only(2, bert), true, 5000).step()).isEqualTo(Step.STUCK);
    }

    @Test
    void anOdooThatWasStartedAfterTheRewriteNeedsNoSignal() throws Exception {
        Path pid = folder.resolve("pid");
        var odoo =
                new OdooProcess(
                        new OdooProcess.PidFile(pid),
                        new Commands(Optional.empty(), Optional.empty()),
                        conf);
        OdooPublisher publisher = publisher(odoo, PATIENCE);
        assertThat(publisher.point(only(2, bert), true, 0).step()).isEqualTo(Step.STUCK);
        try (FakeOdoo fake = FakeOdoo.start(conf, FakeOdoo.FOLLOWS, Map.of())) {
            Files.writeString(pid, "" + fake.pid());
            Outcome outcome = publisher.point(only(2, bert), true, 1000);
            assertThat(outcome.step()).isEqualTo(Step.FOLLOWED);
            assertThat(outcome.summary()).contains("started after the change");
        }
    }

    @Test
    void aBadFileIsRefusedAndNobodySignalled() throws Exception {
        Files.writeString(conf, "[options]\nworkers\n");
        Outcome outcome = publisher(command("exit 9"), PATIENCE).point(only(2, bert), true, 0);
        assertThat(outcome.step()).isEqualTo(Step.REFUSED);
        assertThat(outcome.isProblem()).isTrue();
        assertThat(outcome.summary()).contains("line 2 has a key without a value");
    }

    @Test
    void aCommandWithoutPidIsTrustedButSaysSo() {
        OdooPublisher publisher = publisher(command("echo done"), PATIENCE);
        assertThat(publisher.point(only(2, bert), true, 0).step()).isEqualTo(Step.SIGNALLED);
        Outcome later = publisher.point(only(2, bert), true, 5000);
        assertThat(later.step()).isEqualTo(Step.FOLLOWED);
        assertThat(later.summary()).contains("can't be verified");
    }

    @Test
    void theReplicaThatIsWrittenThereStaysWhileItIsFit() {
        var carl = new HostPort("127.0.0.1", 7001);
        var dora = new HostPort("127.0.0.1", 7002);
        assertThat(replicaAfter(wish(1, anna, dora, carl))).isEqualTo("7002");
        // Also for an agent that has just started, and knows only the file.
        assertThat(replicaAfter(wish(1, anna, carl, dora))).isEqualTo("7002");
        assertThat(replicaAfter(wish(1, anna, carl))).isEqualTo("7001");
        assertThat(replicaAfter(wish(1, anna))).isEqualTo("none");
    }

    private String replicaAfter(Wish wish) {
        OdooPublisher publisher = publisher(command("true"), PATIENCE);
        publisher.point(wish, true, 0);
        publisher.point(wish, true, 5000);
        return new OdooConfFile(conf)
                .read()
                .flatMap(OdooConf::replica)
                .map(it -> "" + it.port())
                .orElse("none");
    }

    @Test
    void anAgentThatHasJustStartedWaitsUntilTheReplicaIsHeard() {
        var patient =
                new Patience(Duration.ofSeconds(5), 3, Duration.ofSeconds(5), PATIENCE.ring());
        var carl = new HostPort("127.0.0.1", 7001);
        replicaAfter(wish(1, anna, carl));
        OdooPublisher publisher = publisher(command("true"), patient);
        assertThat(publisher.point(wish(1, anna), true, 0).step()).isEqualTo(Step.WAITING);
        assertThat(publisher.point(wish(1, anna, carl), true, 500).step())
                .isEqualTo(Step.UNCHANGED);
        assertThat(publisher.point(wish(1, anna), true, 4999).step()).isEqualTo(Step.WAITING);
        assertThat(publisher.point(wish(1, anna), true, 5000).rewritten()).isTrue();
    }

    @Test
    void theMeansOfANewTermAreThoseOfARewriteToo() {
        var commands = new Commands(Optional.of("exit 7"), Optional.of("echo restarted"));
        var parts =
                new OdooPublisher.Parts(
                        new OdooConfFile(conf),
                        new OdooProcess(new OdooProcess.Nowhere(), commands, conf),
                        new TermNote(folder, conf),
                        Optional.of(Means.RESTART));
        var publisher = new OdooPublisher(parts, PATIENCE);
        assertThat(publisher.point(only(1, anna), true, 0).step()).isEqualTo(Step.UNCHANGED);
        Outcome outcome = publisher.point(only(2, bert), true, 100);
        assertThat(outcome.rewritten()).isTrue();
        assertThat(outcome.summary()).contains("restarted");
    }
}
