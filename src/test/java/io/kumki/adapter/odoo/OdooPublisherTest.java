package io.kumki.adapter.odoo;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.adapter.odoo.OdooProcess.Pid;
import io.kumki.adapter.odoo.OdooPublisher.Outcome;
import io.kumki.adapter.odoo.OdooPublisher.Patience;
import io.kumki.adapter.odoo.OdooPublisher.Step;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real file, a real process and real sockets; only the clock is ours. */
class OdooPublisherTest {
    private static final Patience PATIENCE = new Patience(Duration.ofSeconds(5), 3);

    @TempDir Path folder;
    private Path conf;
    private ServerSocket anna;
    private ServerSocket bert;

    @BeforeEach
    void start() throws Exception {
        anna = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        bert = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        conf =
                Files.writeString(
                        folder.resolve("odoo.conf"),
                        "[options]\ndb_host = 127.0.0.1\ndb_port = %d\n"
                                .formatted(anna.getLocalPort()));
    }

    @AfterEach
    void stop() throws Exception {
        anna.close();
        bert.close();
    }

    private static HostPort at(ServerSocket server) {
        return new HostPort("127.0.0.1", server.getLocalPort());
    }

    private static Endpoints only(ServerSocket server) {
        return new Endpoints(at(server), Optional.empty());
    }

    private OdooPublisher publisher(OdooProcess odoo) {
        return new OdooPublisher(
                new OdooConfFile(conf), odoo, List.of(at(anna), at(bert)), PATIENCE);
    }

    private OdooPublisher publisher(FakeOdoo fake) {
        return publisher(new OdooProcess(new Pid(fake.pid()), Optional.empty()));
    }

    @Test
    void afterAFailoverOdooIsRewrittenSignalledAndSeenToFollow() throws Exception {
        try (FakeOdoo fake = FakeOdoo.start(conf, FakeOdoo.FOLLOWS, Map.of())) {
            OdooPublisher publisher = publisher(fake);
            assertThat(publisher.point(1, only(anna), true, 0).step()).isEqualTo(Step.UNCHANGED);

            // Promoted, but not yet writable: a signal now would end Odoo.
            Outcome early = publisher.point(2, only(bert), false, 100);
            assertThat(early.step()).isEqualTo(Step.WAITING);
            assertThat(conf).content().contains("" + anna.getLocalPort());

            Outcome signalled = publisher.point(2, only(bert), true, 200);
            assertThat(signalled.step()).isEqualTo(Step.SIGNALLED);
            assertThat(signalled.rewritten()).isTrue();
            assertThat(signalled.isProblem()).isFalse();

            FakeOdoo.awaitStarts(folder.resolve("ready"), 2);
            assertThat(publisher.point(2, only(bert), true, 300).step()).isEqualTo(Step.FOLLOWED);
            assertThat(publisher.point(2, only(bert), true, 400).step()).isEqualTo(Step.UNCHANGED);

            assertThat(publisher.point(1, only(anna), true, 500).step()).isEqualTo(Step.IGNORED);
            assertThat(conf).content().contains("" + bert.getLocalPort());
        }
    }

    @Test
    void anOdooThatDoesNotFollowIsToldAgainAndThenReportedAsStuck() throws Exception {
        try (FakeOdoo fake = FakeOdoo.start(conf, FakeOdoo.DEAF, Map.of("PGHOST", "x"))) {
            OdooPublisher publisher = publisher(fake);
            assertThat(publisher.point(2, only(bert), true, 0).step()).isEqualTo(Step.SIGNALLED);
            assertThat(publisher.point(2, only(bert), true, 4999).step()).isEqualTo(Step.WAITING);
            assertThat(publisher.point(2, only(bert), true, 5000).step()).isEqualTo(Step.SIGNALLED);
            assertThat(publisher.point(2, only(bert), true, 10_000).step())
                    .isEqualTo(Step.SIGNALLED);
            Outcome stuck = publisher.point(2, only(bert), true, 15_000);
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
            new OdooConfFile(conf).point(only(bert));
            Outcome outcome = publisher(fake).point(2, only(bert), true, 0);
            assertThat(outcome.step()).isEqualTo(Step.SIGNALLED);
            assertThat(outcome.rewritten()).isFalse();
        }
    }

    @Test
    void aStartingOdooIsNotSignalledButAskedForAgain() throws Exception {
        Process starting = new ProcessBuilder("sleep", "60").start();
        try {
            OdooPublisher publisher =
                    publisher(new OdooProcess(new Pid(starting.pid()), Optional.empty()));
            assertThat(publisher.point(2, only(bert), true, 0).step()).isEqualTo(Step.WAITING);
            assertThat(publisher.point(2, only(bert), true, 1).step()).isEqualTo(Step.WAITING);
            assertThat(starting.isAlive()).isTrue();
        } finally {
            starting.destroyForcibly().onExit().join();
        }
        OdooPublisher publisher =
                publisher(new OdooProcess(new Pid(starting.pid()), Optional.empty()));
        assertThat(publisher.point(3, only(anna), true, 0).step()).isEqualTo(Step.STUCK);
    }

    @Test
    void aBadFileIsRefusedAndNobodySignalled() throws Exception {
        Files.writeString(conf, "[options]\nworkers\n");
        OdooProcess odoo = new OdooProcess(new OdooProcess.Nowhere(), Optional.of("exit 9"));
        Outcome outcome = publisher(odoo).point(2, only(bert), true, 0);
        assertThat(outcome.step()).isEqualTo(Step.REFUSED);
        assertThat(outcome.isProblem()).isTrue();
        assertThat(outcome.summary()).contains("line 2 has a key without a value");
    }

    @Test
    void aCommandWithoutPidIsTrustedButSaysSo() {
        OdooProcess odoo = new OdooProcess(new OdooProcess.Nowhere(), Optional.of("echo done"));
        OdooPublisher publisher = publisher(odoo);
        assertThat(publisher.point(2, only(bert), true, 0).step()).isEqualTo(Step.SIGNALLED);
        Outcome later = publisher.point(2, only(bert), true, 5000);
        assertThat(later.step()).isEqualTo(Step.FOLLOWED);
        assertThat(later.summary()).contains("can't be verified");
    }
}
