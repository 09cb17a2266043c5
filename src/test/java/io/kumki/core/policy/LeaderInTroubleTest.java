package io.kumki.core.policy;

import static io.kumki.core.policy.Runners.runs;
import static io.kumki.core.policy.Views.ANNA;
import static io.kumki.core.policy.Views.BERT;
import static io.kumki.core.policy.Views.TERM;
import static io.kumki.core.policy.Views.TIMING;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.Action.BePrimary;
import io.kumki.core.model.Action.BeStandby;
import io.kumki.core.model.Action.Hold;
import io.kumki.core.model.Action.Lapse;
import io.kumki.core.model.Action.Release;
import io.kumki.core.model.Action.Stop;
import io.kumki.core.model.Episode;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.LocalServer.Replica;
import io.kumki.core.model.LocalServer.Starting;
import io.kumki.core.model.LocalServer.Stopping;
import io.kumki.core.model.LocalServer.Unreachable;
import io.kumki.core.model.Lsn;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Position;
import io.kumki.core.model.Replay;
import io.kumki.core.model.Rule;
import io.kumki.core.model.Settings.OnCrash;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** L22 to L42: the lease is ours and the server is not as it should be. */
class LeaderInTroubleTest {
    private static final Lsn SHUTDOWN = new Lsn(Servers.HERE.bytes() + 100);
    private static final long LATE = TIMING.patience() + 1;

    private static Views stoppedCleanly() {
        return Views.ofLeader().server(Servers.stopped("shut down", 1, SHUTDOWN));
    }

    @Test
    void l22APromotionThatTakesTooLongIsGivenUp() {
        var stuck = Views.ofLeader().server(Servers.replica().is());
        var decision = stuck.after(Rule.L20_PROMOTE, LATE).decision();

        assertThat(decision.rule()).isEqualTo(Rule.L22_PROMOTION_STUCK);
        assertThat(decision.action()).isEqualTo(new Stop(true));
        assertThat(stuck.after(Rule.L22_PROMOTION_STUCK, 0).rule())
                .as("and stays given up until the server has stopped")
                .isEqualTo(Rule.L22_PROMOTION_STUCK);
    }

    /** A stop would throw away what has been replayed. */
    @Test
    void l22OnlyOneWhoseReplayStandsStillIsStuck() {
        assertThat(promoting(replaying(TIMING.patience() - 1)).rule()).isEqualTo(Rule.L20_PROMOTE);
        assertThat(promoting(replaying(TIMING.patience())).rule())
                .isEqualTo(Rule.L22_PROMOTION_STUCK);
        assertThat(promoting(Servers.replica().movedBefore(10).is()).rule())
                .as("after a start nobody knows how far WAL was received")
                .isEqualTo(Rule.L20_PROMOTE);
    }

    private static Views promoting(Replica replica) {
        return Views.ofLeader().server(replica).after(Rule.L20_PROMOTE, 100 * LATE);
    }

    /** There is more WAL, and replay last moved so long ago. */
    private static Replica replaying(long still) {
        var all = Servers.replica().is();
        return new Replica(
                        all.systemId(),
                        all.position(),
                        new Lsn(all.position().lsn().bytes() - 1),
                        all.receiver(),
                        all.still(),
                        0,
                        all.slots(),
                        0,
                        all.archiving())
                .with(new Replay(false, "", "", Map.of(), "", still));
    }

    @Test
    void l23AStartIsWaitedFor() {
        assertThat(Views.ofLeader().server(new Starting(1000)).decision().action())
                .isEqualTo(new Hold());
        assertThat(Views.ofLeader().server(new Starting(1000)).rule()).isEqualTo(Rule.L23_STARTING);
        assertThat(Views.ofLeader().server(new Starting(LATE)).without(BERT).rule())
                .as("also a late one, when nobody could take over")
                .isEqualTo(Rule.L23_STARTING);
        assertThat(Views.ofLeader().server(new Starting(LATE)).onCrash(OnCrash.RESTART).rule())
                .isEqualTo(Rule.L23_STARTING);
    }

    @Test
    void l24ALateStartGivesWayToASafeSuccessor() {
        var decision = Views.ofLeader().server(new Starting(LATE)).decision();

        assertThat(decision.rule()).isEqualTo(Rule.L24_START_STUCK);
        assertThat(decision.action()).isEqualTo(new Stop(true));
    }

    @Test
    void l24ACrashRecoveryThatTakesLongIsALateStart() {
        var recovers = Views.ofLeader().server(new Starting(LATE, true));

        assertThat(recovers.rule()).isEqualTo(Rule.L24_START_STUCK);
        assertThat(recovers.safe(ANNA).rule()).isEqualTo(Rule.L23_STARTING);
        assertThat(recovers.safe(ANNA).decision().because()).contains("bert: may lack commits");
    }

    @Test
    void l25AnOrderlyStopIsWaitedFor() {
        var decision = Views.ofLeader().server(new Stopping(TIMING.patience())).decision();

        assertThat(decision.rule()).isEqualTo(Rule.L25_STOPPING);
        assertThat(decision.action()).isEqualTo(new Hold());
    }

    /** It has what nobody else may have: neither started again nor promoted, and told so. */
    @Test
    void l27APromotionThatOpenedShortLeavesTheLease() {
        var view =
                Views.ofLeader()
                        .server(Servers.stopped("in archive recovery", 1, SHUTDOWN))
                        .runner(runs().openedShort());

        assertThat(view.decision().rule()).isEqualTo(Rule.L27_OPENED_SHORT);
        assertThat(view.decision().action()).isEqualTo(new Release(Optional.of(BERT)));
        assertThat(view.decision().because()).contains("recovery ended at 0/5");
        assertThat(view.without(BERT).decision().action()).isEqualTo(new Release(Optional.empty()));
    }

    @Test
    void l26ALateStopBecomesAnImmediateOne() {
        var decision = Views.ofLeader().server(new Stopping(LATE)).decision();

        assertThat(decision.rule()).isEqualTo(Rule.L26_STOP_STUCK);
        assertThat(decision.action()).isEqualTo(new Stop(true));
    }

    @Test
    void l29TheSuccessorMayReceiveTheLastWalFirst() {
        assertThat(stoppedCleanly().rule()).isEqualTo(Rule.L29_DRAINING);
        assertThat(stoppedCleanly().after(Rule.L29_DRAINING, TIMING.grace()).rule())
                .as("not for ever")
                .isEqualTo(Rule.L30_HAND_OVER);
    }

    @Test
    void l30ACrashedLeaderReleasesToItsSafeSuccessor() {
        var decision = Views.ofLeader().server(Servers.crashed()).decision();

        assertThat(decision.rule()).isEqualTo(Rule.L30_HAND_OVER);
        assertThat(decision.action()).isEqualTo(new Release(Optional.of(BERT)));
    }

    @Test
    void l30AStoppedLeaderReleasesOnceTheSuccessorHasAll() {
        var all = Servers.replica().at(1, new Lsn(SHUTDOWN.bytes() + 120)).is();

        assertThat(stoppedCleanly().peer(BERT, all).rule()).isEqualTo(Rule.L30_HAND_OVER);
    }

    @Test
    void l30AlsoWithOnCrashRestartWhenTheStartFailed() {
        var crashed = Views.ofLeader().server(Servers.crashed()).onCrash(OnCrash.RESTART);

        assertThat(crashed.runner(runs().failed("primary")).rule()).isEqualTo(Rule.L30_HAND_OVER);
    }

    @Test
    void l30AlsoWithOnCrashRestartWhenTheRunnerIsGone() {
        var crashed = Views.ofLeader().server(Servers.crashed()).onCrash(OnCrash.RESTART);

        assertThat(crashed.runner(runs().silentFor(LATE)).rule()).isEqualTo(Rule.L30_HAND_OVER);
    }

    @Test
    void l31APauseKeepsTheLeaseAlsoWhenTheStartFailed() {
        var crashed = Views.ofLeader().server(Servers.crashed()).paused();

        assertThat(crashed.runner(runs().failed("primary")).rule()).isEqualTo(Rule.L31_START);
    }

    @Test
    void l31WithoutASafeSuccessorTheLeaderStartsAgain() {
        var decision = Views.ofLeader().server(Servers.crashed()).safe(ANNA).decision();

        assertThat(decision.rule()).isEqualTo(Rule.L31_START);
        assertThat(decision.action()).isEqualTo(new BePrimary("", false));
    }

    @Test
    void l18NoStartWhileItIsUndecidedWhoIsSafe() {
        var view = Views.ofLeader().unsettled().server(Servers.crashed()).safe(ANNA);

        assertThat(view.rule()).isEqualTo(Rule.L18_UNSETTLED);
        assertThat(view.decision().action()).isEqualTo(new Hold());
    }

    @Test
    void l31AStandbyIsNotMadeAPrimaryWithoutAPromotion() {
        var stopped = Servers.stopped("shut down in recovery");
        var decision = Views.ofLeader().server(stopped).safe(ANNA).decision();

        assertThat(decision.rule()).isEqualTo(Rule.L31_START);
        assertThat(decision.action()).isEqualTo(new BeStandby(Optional.empty()));
    }

    /** On its old timeline it would go on beside the one that was opened meanwhile. */
    @Test
    void l31AForcedNodeThatDidNotLeadLastIsStartedAsAStandbyAndPromoted() {
        var record =
                Views.record()
                        .adding(episode(3, ANNA, true))
                        .adding(episode(5, BERT, true))
                        .adding(episode(TERM, ANNA, false));
        var forced = Views.ofLeader().without(BERT).server(Servers.crashed());

        assertThat(forced.record(record).decision().action())
                .isEqualTo(new BeStandby(Optional.empty()));
        assertThat(forced.record(record.adding(episode(TERM, ANNA, true))).decision().action())
                .as("once it has opened, it goes on where it was")
                .isInstanceOf(BePrimary.class);
        var alone = Views.record().adding(episode(5, ANNA, true)).adding(episode(6, BERT, false));
        assertThat(forced.record(alone).decision().action())
                .as("bert never opened")
                .isInstanceOf(BePrimary.class);
    }

    private static Episode episode(long term, NodeId leader, boolean opened) {
        var at = new Position(1, Servers.HERE);
        return new Episode(
                term,
                leader,
                Episode.Cause.FORCED,
                "",
                0,
                new Episode.Timing(0, 0, 0),
                false,
                at,
                opened ? Optional.of(new Episode.Opened(at, 0, false, "")) : Optional.empty());
    }

    @Test
    void l31ASafeStandbyThatIsAwayStaysTheOneThatCommitsWaitFor() {
        var decision = Views.ofLeader().server(Servers.crashed()).without(BERT).decision();

        assertThat(decision.rule()).isEqualTo(Rule.L31_START);
        assertThat(decision.action()).isEqualTo(new BePrimary("\"bert\"", false));
    }

    @Test
    void l31OnCrashRestartAndPauseKeepTheLeader() {
        var crashed = Views.ofLeader().server(Servers.crashed());

        assertThat(crashed.onCrash(OnCrash.RESTART).rule()).isEqualTo(Rule.L31_START);
        assertThat(Views.ofLeader().server(Servers.crashed()).paused().rule())
                .isEqualTo(Rule.L31_START);
    }

    @Test
    void l33TheRegisterGrantedABootstrap() {
        var founded = Views.record().withSystemId("");
        var view = Views.ofLeader().record(founded).server(new LocalServer.Empty());
        var decision = view.bootstrap().decision();

        assertThat(decision.rule()).isEqualTo(Rule.L33_BOOTSTRAP);
        assertThat(decision.action()).isEqualTo(new BePrimary("", true));
    }

    @Test
    void l34AnEmptyDirectoryOfAnExistingClusterIsNeverBootstrapped() {
        var decision = Views.ofLeader().server(new LocalServer.Empty()).bootstrap().decision();

        assertThat(decision.rule()).isEqualTo(Rule.L34_DATA_GONE);
        assertThat(decision.action()).isEqualTo(new Release(Optional.of(BERT)));
    }

    @Test
    void l34APauseNamesNoSuccessor() {
        var view = Views.ofLeader().server(new LocalServer.Empty()).paused();

        assertThat(view.decision().action()).isEqualTo(new Release(Optional.empty()));
    }

    @Test
    void l44AServerThatIsGoneWithItsRunnerLosesTheLease() {
        var hung = new Unreachable("timeout", TIMING.unreachableAfter(), false);
        var silent = runs().silentFor(TIMING.ttl() + 1);
        var gone = Views.ofLeader().server(hung).runner(silent);

        assertThat(gone.decision().rule()).isEqualTo(Rule.L44_GONE);
        assertThat(gone.decision().action()).as("not released: it may live").isEqualTo(new Lapse());
        assertThat(
                        Views.ofLeader()
                                .server(new Starting(TIMING.patience() + 1))
                                .runner(silent)
                                .rule())
                .isEqualTo(Rule.L44_GONE);
        assertThat(
                        Views.ofLeader()
                                .server(new Starting(TIMING.patience() + 1, true))
                                .runner(silent)
                                .rule())
                .as("it says itself that it lives")
                .isNotEqualTo(Rule.L44_GONE);
        assertThat(Views.ofLeader().server(new Starting(1000)).runner(silent).rule())
                .as("it may answer already")
                .isNotEqualTo(Rule.L44_GONE);
        assertThat(Views.ofLeader().server(new Stopping(1000)).runner(silent).rule())
                .isEqualTo(Rule.L44_GONE);
    }

    @Test
    void l44IsForNobodyElse() {
        var hung = new Unreachable("timeout", TIMING.unreachableAfter(), false);
        var missed = new Unreachable("timeout", TIMING.unreachableAfter() - 1, false);
        var refused = new Unreachable("no free connection", LATE, true);
        var silent = runs().silentFor(TIMING.ttl() + 1);

        assertThat(Views.ofLeader().server(missed).runner(silent).rule())
                .isEqualTo(Rule.L42_MISSED);
        assertThat(Views.ofLeader().server(refused).runner(silent).rule())
                .isEqualTo(Rule.L43_REFUSED);
        assertThat(Views.ofLeader().server(hung).runner(silent).without(BERT).rule())
                .isEqualTo(Rule.L41_NO_SUCCESSOR);
        assertThat(Views.ofLeader().server(hung).runner(silent).onCrash(OnCrash.RESTART).rule())
                .isEqualTo(Rule.L41_NO_SUCCESSOR);
        assertThat(Views.ofLeader().server(hung).runner(silent).paused().rule())
                .isEqualTo(Rule.L41_NO_SUCCESSOR);
    }

    @Test
    void l40AServerThatHangsIsStoppedForASafeSuccessor() {
        var hung = new Unreachable("timeout", TIMING.unreachableAfter(), false);
        var decision = Views.ofLeader().server(hung).decision();

        assertThat(decision.rule()).isEqualTo(Rule.L40_UNREACHABLE);
        assertThat(decision.action()).isEqualTo(new Stop(true));
    }

    @Test
    void l41WithoutASuccessorItIsKept() {
        var hung = new Unreachable("timeout", 60_000, false);

        assertThat(Views.ofLeader().server(hung).safe(ANNA).rule())
                .isEqualTo(Rule.L41_NO_SUCCESSOR);
        assertThat(Views.ofLeader().server(hung).paused().rule()).isEqualTo(Rule.L41_NO_SUCCESSOR);
        assertThat(Views.ofLeader().server(hung).onCrash(OnCrash.RESTART).decision().action())
                .isEqualTo(new Hold());
    }

    @Test
    void l42OneMissedPollIsNoFailure() {
        var late = new Unreachable("timeout", TIMING.unreachableAfter() - 1, false);

        assertThat(Views.ofLeader().server(late).rule()).isEqualTo(Rule.L42_MISSED);
    }

    @Test
    void l43AServerThatAnswersWithAnErrorLives() {
        var full = new Unreachable("too many clients already", 60_000, true);

        assertThat(Views.ofLeader().server(full).rule()).isEqualTo(Rule.L43_REFUSED);
        assertThat(Views.ofLeader().server(full).decision().action()).isEqualTo(new Hold());
    }
}
