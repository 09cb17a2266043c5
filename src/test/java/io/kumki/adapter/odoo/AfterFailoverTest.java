package io.kumki.adapter.odoo;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.adapter.odoo.OdooProcess.Commands;
import io.kumki.adapter.odoo.OdooProcess.Means;
import io.kumki.adapter.odoo.OdooProcess.Nowhere;
import io.kumki.adapter.odoo.OdooProcess.Pid;
import io.kumki.adapter.odoo.OdooProcess.Where;
import io.kumki.adapter.odoo.OdooPublisher.Outcome;
import io.kumki.adapter.odoo.OdooPublisher.Patience;
import io.kumki.adapter.odoo.OdooPublisher.Step;
import io.kumki.adapter.odoo.OdooPublisher.Wish;
import java.io.IOException;
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

/** Behind a gateway odoo.conf never changes, and only a new term is a reason to tell Odoo. */
class AfterFailoverTest {
    private static final Patience PATIENCE =
            new Patience(Duration.ofSeconds(5), 3, Duration.ZERO, Duration.ofMillis(500));

    @TempDir Path folder;
    private Path conf;
    private Path told;
    private Postmaster gateway;

    @BeforeEach
    void start() throws Exception {
        gateway = new Postmaster();
        told = folder.resolve("told");
        conf =
                Files.writeString(
                        folder.resolve("odoo.conf"),
                        """
                        [options]
                        db_user = shop
                        db_host = 127.0.0.1
                        db_port = %1$d
                        db_replica_host = 127.0.0.1
                        db_replica_port = %1$d
                        """
                                .formatted(gateway.port()));
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    private Outcome at(OdooPublisher publisher, long term, long now) {
        var wish = new Wish(term, gateway.address(), List.of(gateway.address()), List.of());
        return publisher.point(wish, true, now);
    }

    private OdooPublisher publisher(Where where, Optional<Means> means) {
        var commands =
                new Commands(
                        where instanceof Nowhere
                                ? Optional.of("echo hangup >>" + told)
                                : Optional.empty(),
                        Optional.of("echo restart >>" + told));
        return new OdooPublisher(
                new OdooPublisher.Parts(
                        new OdooConfFile(conf),
                        new OdooProcess(where, commands, conf),
                        new TermNote(folder, conf),
                        means),
                PATIENCE);
    }

    /** An agent's next life: all it knows is in its folder. */
    private OdooPublisher hangup() {
        return publisher(new Nowhere(), Optional.of(Means.RELOAD));
    }

    private List<String> told() throws IOException {
        return Files.exists(told) ? Files.readAllLines(told) : List.of();
    }

    @Test
    void onceATermAndNotAtTheAgentsOwnStart() throws Exception {
        var before = Files.readString(conf);
        var publisher = hangup();
        at(publisher, 3, 0);
        at(publisher, 3, 500);
        assertThat(told()).isEmpty();
        for (int now = 1000; now < 30_000; now += 500) {
            at(publisher, 4, now);
        }
        assertThat(told()).containsExactly("hangup");
        at(hangup(), 4, 0);
        assertThat(told()).containsExactly("hangup");
        // The term changed while no agent looked.
        at(hangup(), 5, 0);
        assertThat(told()).containsExactly("hangup", "hangup");
        assertThat(Files.readString(conf)).isEqualTo(before);
        assertThat(gateway.startups())
                .hasSize(2)
                .allMatch(it -> it.startsWith("user|shop|database|postgres|"));
    }

    @Test
    void noneMeansNone() throws Exception {
        var publisher = publisher(new Nowhere(), Optional.empty());
        assertThat(at(publisher, 3, 0).step()).isEqualTo(Step.UNCHANGED);
        assertThat(at(publisher, 4, 500).step()).isEqualTo(Step.UNCHANGED);
        // Switched on later, it does not begin with what is long over.
        assertThat(at(hangup(), 4, 0).step()).isEqualTo(Step.UNCHANGED);
        assertThat(told()).isEmpty();
    }

    @Test
    void notWhileTheGatewayHoldsOrRefuses() throws Exception {
        var publisher = hangup();
        at(publisher, 3, 0);
        gateway.be(Postmaster.Mood.SILENT);
        assertThat(at(publisher, 4, 500).summary())
                .isEqualTo(
                        "a signal now would end Odoo: %s gave no answer in 500 ms"
                                .formatted(gateway.address()));
        // Until it is tried again nothing has changed, so the log has nothing to say.
        assertThat(at(publisher, 4, 1000).summary())
                .startsWith("a signal now would end Odoo")
                .contains("gave no answer");
        gateway.be(Postmaster.Mood.STARTING_UP);
        assertThat(at(publisher, 4, 1500).step()).isEqualTo(Step.WAITING);
        assertThat(told()).isEmpty();
        gateway.be(Postmaster.Mood.OPEN);
        assertThat(at(publisher, 4, 2000).step()).isEqualTo(Step.WAITING);
        assertThat(at(publisher, 4, 2500).step()).isEqualTo(Step.SIGNALLED);
        assertThat(told()).containsExactly("hangup");
    }

    @Test
    void anAgentThatDiesWhileItTellsRepeatsItOnceAtMost() throws Exception {
        at(hangup(), 3, 0);
        for (int life = 0; life < 4; life++) {
            at(hangup(), 4, 0);
        }
        assertThat(told()).containsExactly("hangup", "hangup");
    }

    @Test
    void anAgentThatDiesWhileItWaitsForgetsNothing() throws Exception {
        at(hangup(), 3, 0);
        gateway.be(Postmaster.Mood.CLOSING);
        for (int life = 0; life < 4; life++) {
            at(hangup(), 4, 0);
        }
        assertThat(told()).isEmpty();
        gateway.be(Postmaster.Mood.OPEN);
        at(hangup(), 4, 0);
        assertThat(told()).containsExactly("hangup");
    }

    @Test
    void aRealOdooIsSignalledOnceAndASecondLifeSeesThatItFollowed() throws Exception {
        try (FakeOdoo odoo = FakeOdoo.start(conf, FakeOdoo.FOLLOWS, Map.of())) {
            var here = new Pid(odoo.pid());
            var publisher = publisher(here, Optional.of(Means.RELOAD));
            at(publisher, 3, 0);
            assertThat(at(publisher, 4, 500).step()).isEqualTo(Step.SIGNALLED);
            FakeOdoo.awaitStarts(folder.resolve("ready"), 2);
            var next = publisher(here, Optional.of(Means.RELOAD));
            assertThat(at(next, 4, 0).step()).isEqualTo(Step.UNCHANGED);
        }
    }

    @Test
    void anOdooThatStaysDeafIsToldOnceAndReported() throws Exception {
        try (FakeOdoo odoo = FakeOdoo.start(conf, FakeOdoo.DEAF, Map.of())) {
            var publisher = publisher(new Pid(odoo.pid()), Optional.of(Means.RELOAD));
            at(publisher, 3, 0);
            assertThat(at(publisher, 4, 500).step()).isEqualTo(Step.SIGNALLED);
            assertThat(at(publisher, 4, 5400).step()).isEqualTo(Step.WAITING);
            Outcome stuck = at(publisher, 4, 5500);
            assertThat(stuck.step()).isEqualTo(Step.STUCK);
            assertThat(stuck.summary()).contains("no restart after 1 signals");
            assertThat(at(publisher, 4, 60_000)).isEqualTo(stuck);
        }
    }

    @Test
    void anOdooThatDoesNotRunNeedsNoSignal() {
        var publisher = publisher(new Pid(Integer.MAX_VALUE), Optional.of(Means.RELOAD));
        at(publisher, 3, 0);
        Outcome outcome = at(publisher, 4, 500);
        assertThat(outcome.step()).isEqualTo(Step.FOLLOWED);
        assertThat(outcome.summary()).contains("its next start needs no signal");
        assertThat(at(publisher, 4, 1000).step()).isEqualTo(Step.UNCHANGED);
    }

    @Test
    void theRestartCommandRunsOnceEvenIfItFails() throws Exception {
        var good = publisher(new Nowhere(), Optional.of(Means.RESTART));
        at(good, 3, 0);
        at(good, 4, 500);
        at(good, 4, 10_000);
        assertThat(told()).containsExactly("restart");
        told = folder.resolve("none/told");
        var failing = publisher(new Nowhere(), Optional.of(Means.RESTART));
        assertThat(at(failing, 5, 0).step()).isEqualTo(Step.STUCK);
        assertThat(at(failing, 5, 60_000).step()).isEqualTo(Step.STUCK);
        assertThat(at(failing, 6, 60_500).summary()).contains("exit code");
    }

    @Test
    void withoutANoteNobodyIsTold() throws Exception {
        var publisher = hangup();
        at(publisher, 3, 0);
        // Not even root writes a file over a folder.
        for (var name : folder.toFile().list()) {
            if (name.endsWith(".note")) {
                Files.createDirectory(folder.resolve(name + ".new"));
            }
        }
        Outcome outcome = at(publisher, 4, 500);
        assertThat(outcome.step()).isEqualTo(Step.STUCK);
        assertThat(outcome.summary()).contains("the note of it can't be written");
        assertThat(told()).isEmpty();
    }
}
