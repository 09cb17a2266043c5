package io.kumki.core.policy;

import static io.kumki.core.policy.Servers.MEGABYTE;
import static io.kumki.core.policy.Servers.primary;
import static io.kumki.core.policy.Servers.replica;
import static io.kumki.core.policy.Views.ANNA;
import static io.kumki.core.policy.Views.BERT;
import static io.kumki.core.policy.Views.TIMING;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.Action.BePrimary;
import io.kumki.core.model.Action.Checkpoint;
import io.kumki.core.model.Action.DropWishes;
import io.kumki.core.model.Action.Hold;
import io.kumki.core.model.Action.MarkSafe;
import io.kumki.core.model.Action.Release;
import io.kumki.core.model.Action.Stop;
import io.kumki.core.model.Archiving;
import io.kumki.core.model.Doors;
import io.kumki.core.model.LocalServer.Activity;
import io.kumki.core.model.Lsn;
import io.kumki.core.model.Peer;
import io.kumki.core.model.Rule;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** S11 to S18: a planned change of the leader, on the one that leaves. */
class SwitchingTest {
    private static final Lsn SHUTDOWN = new Lsn(Servers.HERE.bytes() + 100);

    private static Views asked() {
        return Views.ofLeader().switchoverToBert();
    }

    private static Views stopped() {
        return asked().server(Servers.stopped("shut down", 1, SHUTDOWN));
    }

    @Test
    void s11AnUnfitTargetEndsItBeforeAnythingIsStopped() {
        var noFailover = new Peer.Standing(100, true);
        var dropped = new DropWishes();

        assertThat(asked().without(BERT).decision().action()).isEqualTo(dropped);
        var far = primary().streamingTo(Servers.walsender("bert", 16 * MEGABYTE, 0)).is();
        assertThat(asked().safe(ANNA).server(far).decision().action())
                .as("it may lack commits and won't soon be safe")
                .isEqualTo(dropped);
        assertThat(asked().peer(BERT, replica().notStreaming().is()).rule())
                .isEqualTo(Rule.S11_DROPPED);
        assertThat(asked().peer(BERT, replica().is(), Runners.runs(), noFailover).rule())
                .isEqualTo(Rule.S11_DROPPED);
    }

    private static Views toTheThird(String waitingFor) {
        var both =
                primary()
                        .waitingFor(waitingFor)
                        .streamingTo(
                                Servers.walsender("bert", 0, 0), Servers.walsender("carl", 0, 0));
        return asked().server(both.is()).peer(Views.CARL, replica().is());
    }

    /** Commits wait for carl so far: first the register, then PostgreSQL, then the proof. */
    @Test
    void y20ToY12TheTargetIsMadeSafeFirst() {
        var carls = toTheThird("\"carl\"").safe(ANNA, Views.CARL);
        assertThat(carls.decision().action()).isEqualTo(new MarkSafe(Set.of(ANNA)));

        var told = toTheThird("\"carl\"").safe(ANNA);
        assertThat(told.rule()).isEqualTo(Rule.Y21_DISABLE);
        assertThat(told.decision().action()).isEqualTo(new BePrimary("\"bert\"", false));
        assertThat(told.unsettled().rule()).isEqualTo(Rule.L18_UNSETTLED);

        var waiting = toTheThird("\"bert\"").safe(ANNA);
        assertThat(waiting.rule()).isEqualTo(Rule.Y11_PROVING);
        assertThat(waiting.after(Rule.Y11_PROVING, TIMING.patience() + 1).rule())
                .isEqualTo(Rule.S11_DROPPED);
        assertThat(waiting.proven("\"bert\"").decision().action())
                .isEqualTo(new MarkSafe(Set.of(ANNA, BERT)));
        assertThat(toTheThird("\"bert\"").safe(ANNA, Views.CARL).decision().action())
                .as("nobody stays safe for whom commits do not wait")
                .isEqualTo(new MarkSafe(Set.of(ANNA)));
    }

    @Test
    void s12ATargetThatIsBehindIsWaitedForNotForEver() {
        var behind = asked().peer(BERT, replica().behind(9 * MEGABYTE).is());

        assertThat(behind.decision().action()).isEqualTo(new Hold());
        assertThat(behind.rule()).isEqualTo(Rule.S12_CATCHING_UP);
        assertThat(behind.after(Rule.S12_CATCHING_UP, TIMING.patience() + 1).rule())
                .isEqualTo(Rule.S11_DROPPED);
    }

    @Test
    void s13ACheckpointMakesTheStopShortButIsNotAMust() {
        var much = asked().server(primary().toCheckpoint(9 * MEGABYTE).is());

        assertThat(much.decision().action()).isEqualTo(new Checkpoint());
        assertThat(much.rule()).isEqualTo(Rule.S13_CHECKPOINT);
        assertThat(much.after(Rule.S13_CHECKPOINT, TIMING.patience() + 1).rule())
                .isEqualTo(Rule.S14_STOP);
    }

    @Test
    void s13IsNotGoneBackToSoThatBothTogetherEnd() {
        var busy = asked().server(primary().toCheckpoint(9 * MEGABYTE).is());
        var behind = replica().behind(9 * MEGABYTE).is();

        assertThat(busy.after(Rule.S12_CATCHING_UP, 10).rule()).isEqualTo(Rule.S14_STOP);
        assertThat(busy.peer(BERT, behind).after(Rule.S12_CATCHING_UP, 10).rule())
                .isEqualTo(Rule.S12_CATCHING_UP);
    }

    @Test
    void s14ThenThePrimaryIsStoppedInAnOrderlyWay() {
        assertThat(asked().rule()).isEqualTo(Rule.S14_STOP);
        assertThat(asked().decision().action()).isEqualTo(new Stop(false));
    }

    @Test
    void s18DoorsHoldNewWorkBeforeTheStop() {
        assertThat(asked().doors(new Doors(false, 0, 0)).rule()).isEqualTo(Rule.S18_DRAINING);
        assertThat(asked().ownDoors(new Doors(false, 0, 0)).rule()).isEqualTo(Rule.S18_DRAINING);
        assertThat(asked().doors(new Doors(true, 2, 0)).rule()).isEqualTo(Rule.S18_DRAINING);
        assertThat(asked().doors(new Doors(true, 2, 0)).decision().action()).isEqualTo(new Hold());
        assertThat(asked().doors(new Doors(true, 0, 0)).rule()).isEqualTo(Rule.S14_STOP);
    }

    @Test
    void s18SessionsThatADoorCannotLookIntoAreLookedUpOnTheServer() {
        var busy = primary().busyWith(new Activity(1, 3, 0)).is();
        var opaque = new Doors(true, 0, 5);

        assertThat(asked().server(busy).doors(opaque).rule()).isEqualTo(Rule.S18_DRAINING);
        assertThat(asked().server(busy).doors(new Doors(true, 0, 0)).rule())
                .isEqualTo(Rule.S14_STOP);
        assertThat(asked().doors(opaque).rule()).isEqualTo(Rule.S14_STOP);
    }

    @Test
    void s18EndsAtItsDeadlineAndNeverGoesBackToACheckpoint() {
        var busy = new Doors(true, 1, 0);
        var written = primary().toCheckpoint(9 * MEGABYTE).is();

        assertThat(asked().doors(busy).after(Rule.S18_DRAINING, TIMING.drain()).rule())
                .isEqualTo(Rule.S18_DRAINING);
        assertThat(asked().doors(busy).after(Rule.S18_DRAINING, TIMING.drain() + 1).rule())
                .isEqualTo(Rule.S14_STOP);
        assertThat(asked().server(written).doors(busy).after(Rule.S18_DRAINING, 10).rule())
                .isEqualTo(Rule.S18_DRAINING);
    }

    @Test
    void s18AnUnfitTargetEndsTheHoldToo() {
        assertThat(
                        asked().doors(new Doors(true, 1, 0))
                                .after(Rule.S18_DRAINING, 9)
                                .without(BERT)
                                .rule())
                .isEqualTo(Rule.S11_DROPPED);
    }

    @Test
    void whatAStopWouldBreakOffIsSaidBeforehand() {
        var late = TIMING.drain() / 1000 + 1;

        assertThat(Switching.concern(asked().is(), BERT)).isEmpty();
        assertThat(concern(new Activity(late - 1, 4, 0))).isEmpty();
        assertThat(concern(new Activity(late, 1, 0)).orElseThrow()).contains("open for 6 s");
        assertThat(concern(new Activity(0, 0, 2)).orElseThrow()).contains("2 logical");
    }

    /** An orderly stop waits for the archiver. */
    @Test
    void anArchiveThatFailsOrIsBehindIsSaidBeforehand() {
        var fine = new Archiving(true, 2, 32 * MEGABYTE, 40, 3, 900, 5_000, "0A", 0);
        var failing = new Archiving(true, 2, 32 * MEGABYTE, 40, 3, 9_000, 5_000, "0A", 0);
        var never = new Archiving(true, 2, 32 * MEGABYTE, 0, 3, -1, 5_000, "0A", 0);
        var done = new Archiving(true, 0, 0, 40, 3, 9_000, 5_000, "0A", 0);
        var behind = new Archiving(true, 33, Servers.MAX_BACKLOG + 1, 40, 0, 900, -1, "", 0);

        assertThat(concern(fine)).isEmpty();
        assertThat(concern(done)).as("an old failure, and nothing waits").isEmpty();
        assertThat(concern(Archiving.OFF)).isEmpty();
        assertThat(concern(Archiving.UNKNOWN)).isEmpty();
        assertThat(concern(failing).orElseThrow())
                .contains("anna archiving fails, last with 0A 5 s ago; 2 files (32 MB) wait");
        assertThat(concern(never)).isPresent();
        var hangs = new Archiving(true, 2, 32 * MEGABYTE, 40, 0, 90_000, -1, "", 20_000);
        var begun = new Archiving(true, 2, 32 * MEGABYTE, 40, 0, 90_000, -1, "", 900);
        assertThat(concern(hangs).orElseThrow()).contains("archive_command hangs", "for 20 s");
        assertThat(concern(begun)).as("the first file in a quiet while").isEmpty();
        assertThat(concern(behind).orElseThrow())
                .contains("33 files (512 MB) wait, 512 MB may", "its stop waits");
    }

    @Test
    void aTargetThatCouldNotArchiveIsSaidBeforehandToo() {
        var failing = new Archiving(true, 2, 32 * MEGABYTE, 0, 3, -1, 5_000, "0A", 0);
        var view = asked().peer(BERT, replica().archiving(failing).is()).is();

        assertThat(Switching.concern(view, BERT).orElseThrow()).contains("bert archiving fails");
    }

    private static Optional<String> concern(Archiving archiving) {
        return Switching.concern(asked().server(primary().archiving(archiving).is()).is(), BERT);
    }

    private static Optional<String> concern(Activity activity) {
        return Switching.concern(asked().server(primary().busyWith(activity).is()).is(), BERT);
    }

    @Test
    void s15TheLeaseGoesToTheTargetThatHasTheShutdownCheckpoint() {
        var has = replica().at(1, new Lsn(SHUTDOWN.bytes() + 120)).is();
        var decision = stopped().peer(BERT, has).decision();

        assertThat(decision.rule()).isEqualTo(Rule.S15_HAND_OVER);
        assertThat(decision.action()).isEqualTo(new Release(Optional.of(BERT)));
    }

    @Test
    void s15TheStartOfTheShutdownCheckpointIsNotAllOfIt() {
        var nearly = replica().at(1, SHUTDOWN).is();

        assertThat(stopped().peer(BERT, nearly).rule()).isEqualTo(Rule.L29_DRAINING);
    }

    @Test
    void s16ATargetThatNeverGetsTheLastWalEndsIt() {
        var waited = 3 * TIMING.grace();

        assertThat(stopped().after(Rule.L29_DRAINING, waited).rule()).isEqualTo(Rule.L29_DRAINING);
        assertThat(stopped().after(Rule.L29_DRAINING, waited + 1).rule())
                .isEqualTo(Rule.S16_ABANDONED);
        assertThat(stopped().after(Rule.L29_DRAINING, waited + 1).decision().action())
                .isEqualTo(new DropWishes());
    }

    @Test
    void s16ACrashOrAnImmediateStopEndsItToo() {
        assertThat(asked().server(Servers.stopped("in production")).rule())
                .isEqualTo(Rule.S16_ABANDONED);
        assertThat(asked().server(Servers.crashed()).rule()).isEqualTo(Rule.S16_ABANDONED);
    }
}
