package io.kumki.core.policy;

import static io.kumki.core.policy.Runners.runs;
import static io.kumki.core.policy.Servers.HERE;
import static io.kumki.core.policy.Servers.bytesBefore;
import static io.kumki.core.policy.Servers.primary;
import static io.kumki.core.policy.Servers.replica;
import static io.kumki.core.policy.Views.ADDRESS_OF_ANNA;
import static io.kumki.core.policy.Views.ANNA;
import static io.kumki.core.policy.Views.BERT;
import static io.kumki.core.policy.Views.CARL;
import static io.kumki.core.policy.Views.TIMING;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.Action.BeStandby;
import io.kumki.core.model.Action.Clone;
import io.kumki.core.model.Action.Hold;
import io.kumki.core.model.Action.Rewind;
import io.kumki.core.model.Action.Slots;
import io.kumki.core.model.Action.Source;
import io.kumki.core.model.Action.Stop;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.LocalServer.Slot;
import io.kumki.core.model.LocalServer.Starting;
import io.kumki.core.model.LocalServer.Stopping;
import io.kumki.core.model.LocalServer.Unreachable;
import io.kumki.core.model.Lsn;
import io.kumki.core.model.Replay;
import io.kumki.core.model.Rule;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** F10 to F37: another node leads. */
class FollowingTest {
    private static final Source FROM_ANNA = new Source(ANNA, ADDRESS_OF_ANNA);
    private static final BeStandby FOLLOW_ANNA = new BeStandby(Optional.of(FROM_ANNA));
    private static final Lsn FORK = bytesBefore(1000);

    /** Anna was promoted: timeline 1 ended at the fork. */
    private static Views annaWasPromoted() {
        return Views.ofStandby().peer(ANNA, primary().onTimeline(2, 2).is(), runs().left(1, FORK));
    }

    @Test
    void f10AStandbyThatStreamsFromTheLeaderIsLeftAlone() {
        assertThat(Views.ofStandby().rule()).isEqualTo(Rule.F10_FOLLOWING);
        assertThat(Views.ofStandby().decision().action()).isEqualTo(new Hold());
        assertThat(Views.ofStandby().paused().rule()).isEqualTo(Rule.F10_FOLLOWING);
    }

    @Test
    void f21AnAdoptedStandbyThatStreamsUnderAnotherNameIsGivenItsOwn() {
        var decision = Views.ofStandby().runner(runs()).decision();

        assertThat(decision.rule()).isEqualTo(Rule.F21_FOLLOW);
        assertThat(decision.action()).isEqualTo(FOLLOW_ANNA);
    }

    @Test
    void f11APrimaryBesideALeaderIsStoppedAtOnce() {
        var decision = Views.ofStandby().server(primary().is()).decision();

        assertThat(decision.rule()).isEqualTo(Rule.F11_SUPERSEDED);
        assertThat(decision.action()).isEqualTo(new Stop(true));
        assertThat(Views.ofStandby().server(primary().is()).paused().rule())
                .as("a pause does not allow two primaries")
                .isEqualTo(Rule.F11_SUPERSEDED);
    }

    @Test
    void f12NobodyIsFollowedBeforeItAcceptsWrites() {
        assertThat(Views.ofStandby().without(ANNA).rule()).isEqualTo(Rule.F12_LEADER_NOT_READY);
        assertThat(Views.ofStandby().peer(ANNA, replica().is()).rule())
                .isEqualTo(Rule.F12_LEADER_NOT_READY);
    }

    @Test
    void v23AStoppedStandbyIsStartedAlthoughTheLeaderIsNotReady() {
        var stopped = Servers.stopped("shut down in recovery");
        var view = Views.ofStandby().without(ANNA).server(stopped);

        assertThat(view.rule()).isEqualTo(Rule.V23_START_STANDBY);
        assertThat(view.decision().action()).isEqualTo(new BeStandby(Optional.empty()));
        assertThat(view.paused().rule()).isEqualTo(Rule.F12_LEADER_NOT_READY);
    }

    @Test
    void f12AnOldPrimaryWaitsBecauseTheForkIsUnknown() {
        assertThat(Views.ofStandby().without(ANNA).server(Servers.crashed()).rule())
                .isEqualTo(Rule.F12_LEADER_NOT_READY);
        assertThat(
                        Views.ofStandby()
                                .without(ANNA)
                                .server(Servers.stopped("in crash recovery"))
                                .rule())
                .isEqualTo(Rule.F12_LEADER_NOT_READY);
    }

    @Test
    void f13AStandbyKeepsSlotsForTheOthers() {
        var decision = Views.ofStandby().server(replica().slots().is()).decision();

        assertThat(decision.rule()).isEqualTo(Rule.F13_SLOTS);
        assertThat(decision.action())
                .isEqualTo(new Slots(Set.of("kumki_anna"), Set.of(), Set.of()));
    }

    @Test
    void f13ASlotMovesWithItsOwnerNeverBeyondWhatWeReplayed() {
        var old = new Slot("kumki_anna", false, false, new Lsn(1));
        var moved = new Slots.Advance("kumki_anna", HERE);
        var decision = Views.ofStandby().server(replica().slots(old).is()).decision();
        var slow = replica().slots(old).behind(5000).is();

        assertThat(decision.action()).isEqualTo(new Slots(Set.of(), Set.of(), Set.of(moved)));
        assertThat(Views.ofStandby().server(slow).decision().action())
                .isEqualTo(
                        new Slots(
                                Set.of(),
                                Set.of(),
                                Set.of(new Slots.Advance("kumki_anna", bytesBefore(5000)))));
    }

    /** As a primary that was stopped in an orderly way leaves it; its xmin would stop vacuum. */
    @Test
    void f13NoSlotOnAStandbyHoldsDeadRows() {
        var left = new Slot("kumki_anna", false, false, HERE, true);
        var used = new Slot("kumki_anna", true, false, HERE, true);
        var foreign = new Slot("barman", false, false, HERE, true);

        var decision = Views.ofStandby().server(replica().slots(left, foreign).is()).decision();

        assertThat(decision.rule()).isEqualTo(Rule.F13_SLOTS);
        assertThat(decision.action())
                .isEqualTo(new Slots(Set.of("kumki_anna"), Set.of("kumki_anna"), Set.of()));
        assertThat(Views.ofStandby().server(replica().slots(used).is()).rule())
                .as("somebody streams from it")
                .isEqualTo(Rule.F10_FOLLOWING);
    }

    @Test
    void f18AReplayThatAPersonPausedIsToldAndNotResumed() {
        var paused = new Replay(true, "", "RecoveryPause", Map.of(), "", 60_000);
        var view = Views.ofStandby().server(replica().replay(paused).is());

        assertThat(view.rule()).isEqualTo(Rule.F18_REPLAY_STOPPED);
        assertThat(view.decision().because()).contains("pg_wal_replay_resume");
        assertThat(view.after(Rule.F18_REPLAY_STOPPED, 600_000).rule())
                .isEqualTo(Rule.F18_REPLAY_STOPPED);
    }

    @Test
    void f19AReplayThatPausedForItsSettingsIsStartedAnew() {
        var lacking =
                new Replay(true, "", "RecoveryPause", Map.of("max_connections", 100), "", 5_000)
                        .lacking(Map.of("max_connections", 300));
        var view = Views.ofStandby().server(replica().replay(lacking).is());

        assertThat(view.rule()).as("at first").isEqualTo(Rule.F18_REPLAY_STOPPED);
        var decision = view.after(Rule.F18_REPLAY_STOPPED, 60_000).decision();
        assertThat(decision.rule()).isEqualTo(Rule.F19_RAISE_SETTINGS);
        assertThat(decision.action()).isEqualTo(new Stop(false));
        assertThat(decision.because()).isEqualTo("max_connections is 100, its primary had 300");
        assertThat(view.after(Rule.F18_REPLAY_STOPPED, 60_000).paused().rule())
                .isEqualTo(Rule.F18_REPLAY_STOPPED);
    }

    @Test
    void f14f15f16AStandbyThatStartsHangsOrStopsIsWaitedFor() {
        assertThat(Views.ofStandby().server(new Starting(5)).rule()).isEqualTo(Rule.F14_STARTING);
        assertThat(Views.ofStandby().server(new Unreachable("timeout", 5, false)).rule())
                .isEqualTo(Rule.F15_UNREACHABLE);
        assertThat(Views.ofStandby().server(new Stopping(5)).rule()).isEqualTo(Rule.F16_STOPPING);
    }

    @Test
    void f20AStandbyBeyondTheForkIsRewound() {
        var ahead = replica().notStreaming().at(1, HERE).is();
        var decision = annaWasPromoted().server(ahead).decision();

        assertThat(decision.rule()).isEqualTo(Rule.F20_DIVERGED);
        assertThat(decision.action()).isEqualTo(new Rewind(FROM_ANNA, FORK));
    }

    @Test
    void f21AStandbyAtTheForkOrBeforeFollows() {
        var at = replica().streamingFrom(Views.addressOf(CARL)).at(1, FORK).is();
        var view = annaWasPromoted().runner(runs().pointedAt("carl:5432")).server(at);

        assertThat(view.rule()).isEqualTo(Rule.F21_FOLLOW);
        assertThat(view.decision().action()).isEqualTo(FOLLOW_ANNA);
        assertThat(view.paused().rule()).as("paused, too").isEqualTo(Rule.F21_FOLLOW);
    }

    @Test
    void f22PointedAtTheLeaderAndNotStreamingIsAskedForOnce() {
        var decision = Views.ofStandby().server(replica().notStreaming().is()).decision();

        assertThat(decision.rule()).isEqualTo(Rule.F22_NOT_STREAMING);
        assertThat(decision.action()).isEqualTo(new Hold());
    }

    @Test
    void f23AStoppedStandbyFollows() {
        var stopped = Servers.stopped("shut down in recovery");

        assertThat(Views.ofStandby().server(stopped).rule()).isEqualTo(Rule.F23_REJOIN);
        assertThat(Views.ofStandby().server(stopped).decision().action()).isEqualTo(FOLLOW_ANNA);
    }

    /** "The server ended with code 1, see the log" helps nobody. */
    @Test
    void f23AndF30SayWhatTheAttemptBeforeEndedWith() {
        var view = Views.ofStandby().runner(runs().failed("standby"));
        var stopped = Servers.stopped("shut down in recovery");

        assertThat(view.server(stopped).decision().because()).endsWith("could not standby");
        assertThat(view.server(new LocalServer.Empty()).decision().because())
                .endsWith("could not standby");
    }

    @Test
    void f23AnOldPrimaryShutDownBeforeTheForkFollows() {
        var early = Servers.stopped("shut down", 1, bytesBefore(1120));

        assertThat(annaWasPromoted().server(early).rule()).isEqualTo(Rule.F23_REJOIN);
    }

    @Test
    void f24AnOldPrimaryThatMayHaveMoreIsRewound() {
        var rewind = new Rewind(FROM_ANNA, FORK);
        var atTheFork = Servers.stopped("shut down", 1, FORK);

        assertThat(annaWasPromoted().server(Servers.crashed()).rule()).isEqualTo(Rule.F24_REWIND);
        assertThat(annaWasPromoted().server(Servers.crashed()).decision().action())
                .isEqualTo(rewind);
        assertThat(annaWasPromoted().server(atTheFork).decision().action()).isEqualTo(rewind);
    }

    @Test
    void f30AnEmptyDirectoryIsCloned() {
        var decision = Views.ofStandby().server(new LocalServer.Empty()).decision();

        assertThat(decision.rule()).isEqualTo(Rule.F30_CLONE);
        assertThat(decision.action()).isEqualTo(new Clone(FROM_ANNA));
    }

    /** Else nobody learns why a node does not come back. */
    @Test
    void f30f31f22f23TellWhatFailed() {
        var failed = runs().failed("clone").pointedAt(ADDRESS_OF_ANNA.toString());
        var lost = new Slot(BERT.slot(), false, true, Lsn.ZERO);
        var view = Views.ofStandby().server(replica().notStreaming().is()).runner(failed);
        var empty = Views.ofStandby().server(new LocalServer.Empty()).runner(failed);
        var stopped = Views.ofStandby().server(Servers.stopped("shut down in recovery"));

        assertThat(view.decision().because()).contains("could not clone");
        assertThat(empty.decision().because()).isEqualTo("no data here; before: could not clone");
        assertThat(stopped.runner(runs().failed("standby")).decision().because())
                .contains("could not standby");
        assertThat(view.peer(ANNA, primary().slots(lost).is()).decision().because())
                .contains("could not clone");
    }

    @Test
    void f31WhenRewindingFailedItIsClonedAside() {
        var view = annaWasPromoted().server(Servers.crashed()).runner(runs().failed("rewind"));

        assertThat(view.rule()).isEqualTo(Rule.F31_RECLONE);
        assertThat(view.decision().action()).isEqualTo(new Clone(FROM_ANNA));
    }

    @Test
    void f31WalThatTheLeaderGaveUpIsClonedAside() {
        var lost = new Slot(BERT.slot(), false, true, Lsn.ZERO);
        var view = Views.ofStandby().server(replica().notStreaming().is());

        assertThat(view.peer(ANNA, primary().slots(lost).is()).rule()).isEqualTo(Rule.F31_RECLONE);
    }

    @Test
    void f31AlsoWhenTheLostSlotWasMadeAnewMeanwhile() {
        var later = new Slot(BERT.slot(), false, false, HERE);
        var behind = replica().notStreaming().behind(5000).is();
        var view = Views.ofStandby().server(behind).peer(ANNA, primary().slots(later).is());

        assertThat(view.rule()).isEqualTo(Rule.F22_NOT_STREAMING);
        assertThat(view.after(Rule.F22_NOT_STREAMING, TIMING.patience() + 1).rule())
                .isEqualTo(Rule.F31_RECLONE);
        assertThat(view.server(replica().notStreaming().is()).rule())
                .as("all that it needs is there: another cause")
                .isEqualTo(Rule.F22_NOT_STREAMING);
    }

    @Test
    void f31ACloneThatFailedIsTriedAgainNotTheRewind() {
        var view = annaWasPromoted().server(Servers.crashed());

        assertThat(view.runner(runs().failed("clone")).rule()).isEqualTo(Rule.F31_RECLONE);
    }

    @Test
    void f33AForeignDirectoryIsNotTouched() {
        var decision = Views.ofStandby().server(replica().of("another").is()).decision();

        assertThat(decision.rule()).isEqualTo(Rule.F33_FOREIGN);
        assertThat(decision.action()).isEqualTo(new Hold());
    }

    @Test
    void f34ARewindWaitsForTheLeadersCheckpoint() {
        var unchecked = primary().onTimeline(2, 1).is();
        var view = annaWasPromoted().server(Servers.crashed());

        assertThat(view.peer(ANNA, unchecked, runs().left(1, FORK)).rule())
                .isEqualTo(Rule.F34_WAIT_CHECKPOINT);
    }

    @Test
    void f35LongWorkIsNotDisturbed() {
        var view = annaWasPromoted().server(Servers.crashed()).runner(runs().working("rewind"));

        assertThat(view.rule()).isEqualTo(Rule.F35_WORKING);
        assertThat(view.decision().action()).isEqualTo(new Hold());
        assertThat(view.runner(runs().ordered("clone")).rule())
                .as("also before the runner has looked at the order")
                .isEqualTo(Rule.F35_WORKING);
    }

    @Test
    void f37ADirectoryThatOpenedShortIsNeitherRewoundNorCloned() {
        var view =
                annaWasPromoted()
                        .server(Servers.stopped("in archive recovery", 1, Servers.HERE))
                        .runner(runs().openedShort());

        assertThat(view.rule()).isEqualTo(Rule.F37_OPENED_SHORT);
        assertThat(view.server(new LocalServer.Empty()).rule()).isEqualTo(Rule.F30_CLONE);
    }

    @Test
    void f36APauseStartsRewindsAndClonesNothing() {
        assertThat(annaWasPromoted().server(Servers.crashed()).paused().rule())
                .isEqualTo(Rule.F36_PAUSED);
        assertThat(annaWasPromoted().server(new LocalServer.Empty()).paused().rule())
                .isEqualTo(Rule.F36_PAUSED);
    }
}
