package io.kumki.core.policy;

import static io.kumki.core.policy.Runners.runs;
import static io.kumki.core.policy.Servers.replica;
import static io.kumki.core.policy.Views.ADDRESS_OF_ANNA;
import static io.kumki.core.policy.Views.ANNA;
import static io.kumki.core.policy.Views.BERT;
import static io.kumki.core.policy.Views.CARL;
import static io.kumki.core.policy.Views.TERM;
import static io.kumki.core.policy.Views.TIMING;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.Action.BePrimary;
import io.kumki.core.model.Action.BeStandby;
import io.kumki.core.model.Action.DropWishes;
import io.kumki.core.model.Action.Hold;
import io.kumki.core.model.Action.MarkSafe;
import io.kumki.core.model.Action.Source;
import io.kumki.core.model.Action.Stop;
import io.kumki.core.model.Lease;
import io.kumki.core.model.LocalServer.Unreachable;
import io.kumki.core.model.Lsn;
import io.kumki.core.model.Rule;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** L43: the leader's server refuses its agent and lets all others in. */
class UnseenLeaderTest {
    private static final Unreachable REFUSES =
            new Unreachable("too many clients already", 60_000, true, true);
    private static final Source FROM_ANNA = new Source(ANNA, ADDRESS_OF_ANNA);

    private static Views refused() {
        return Views.ofLeader().server(REFUSES);
    }

    private static Views refusedWithoutBert() {
        return refused().without(BERT);
    }

    @Test
    void l43WhileTheStandbyStreamsNothingIsDone() {
        assertThat(refused().rule()).isEqualTo(Rule.L43_REFUSED);
        assertThat(refused().decision().action()).isEqualTo(new Hold());
        assertThat(refused().async().without(BERT).rule()).isEqualTo(Rule.L43_REFUSED);
    }

    @Test
    void y19AStandbyOfWhichNobodySaysThatItStreamsFromHereIsAway() {
        var elsewhere = replica().streamingFrom(Views.addressOf(CARL)).is();

        assertThat(refusedWithoutBert().rule()).isEqualTo(Rule.Y19_STANDBY_AWAY);
        assertThat(refused().peer(BERT, replica().notStreaming().is()).rule())
                .isEqualTo(Rule.Y19_STANDBY_AWAY);
        assertThat(refused().peer(BERT, elsewhere).rule()).isEqualTo(Rule.Y19_STANDBY_AWAY);
        assertThat(refused().peer(BERT, Servers.crashed()).rule()).isEqualTo(Rule.Y19_STANDBY_AWAY);
    }

    @Test
    void y20ThenTheRegisterIsToldAndThenPostgresByTheRunner() {
        var overdue = refusedWithoutBert().after(Rule.Y19_STANDBY_AWAY, TIMING.degradeAfter());
        var told = refusedWithoutBert().safe(ANNA).after(Rule.Y20_UNSAFE, 10);

        assertThat(overdue.decision().action()).isEqualTo(new MarkSafe(Set.of(ANNA)));
        assertThat(told.rule()).isEqualTo(Rule.Y21_DISABLE);
        assertThat(told.decision().action()).isEqualTo(new BePrimary("", false));
    }

    @Test
    void y21IsDoneOnceAndOnlyWhenNoWriteIsUndecided() {
        var told = refusedWithoutBert().safe(ANNA);

        assertThat(told.unsettled().after(Rule.Y20_UNSAFE, 10).rule())
                .isEqualTo(Rule.L18_UNSETTLED);
        var done = refusedWithoutBert().safe(ANNA).after(Rule.Y21_DISABLE, 10);
        assertThat(done.rule()).isEqualTo(Rule.L43_REFUSED);
        assertThat(done.runner(runs().armed(TERM).ordered("primary")).rule())
                .as("the runner has not done it yet")
                .isEqualTo(Rule.Y21_DISABLE);
        assertThat(refusedWithoutBert().safe(ANNA).after(Rule.L43_REFUSED, 10_000).rule())
                .isEqualTo(Rule.L43_REFUSED);
    }

    @Test
    void l12ANewTermIsArmedWithoutWeakeningCommits() {
        var old = refused().runner(runs().armed(TERM - 1));

        assertThat(old.rule()).isEqualTo(Rule.L12_ARM);
        assertThat(old.decision().action()).isEqualTo(new BePrimary("\"bert\"", false));
        assertThat(old.unsettled().rule()).isEqualTo(Rule.L18_UNSETTLED);
    }

    @Test
    void l19WithoutItsRunnerNothingIsOrdered() {
        var silent = runs().armed(TERM).silentFor(TIMING.ttl() + 1);

        assertThat(refusedWithoutBert().runner(silent).rule()).isEqualTo(Rule.L19_NO_HAND);
    }

    @Test
    void s14AnOrderedSwitchoverIsTheWayOut() {
        var asked = refused().switchoverToBert();

        assertThat(asked.rule()).isEqualTo(Rule.S14_STOP);
        assertThat(asked.decision().action()).isEqualTo(new Stop(false));
        assertThat(refused().switchoverToBert().safe(ANNA).decision().action())
                .isEqualTo(new DropWishes());
    }

    @Test
    void v10AnAgentThatRestartsTakesItsLeaseBack() {
        var restarted = refused().expired().runner(runs().armed(TERM));
        var standby = new Unreachable("too many clients already", 60_000, true, false);

        assertThat(restarted.rule()).isEqualTo(Rule.V10_RETAKE);
        assertThat(refused().expired().runner(runs().armed(TERM - 2)).rule())
                .isEqualTo(Rule.V26_UNREACHABLE);
        assertThat(restarted.server(standby).rule()).isEqualTo(Rule.V26_UNREACHABLE);
    }

    private static Views behind() {
        return Views.ofStandby().peer(ANNA, REFUSES, runs().armed(TERM));
    }

    @Test
    void f10AStandbyGoesOnStreaming() {
        assertThat(behind().rule()).isEqualTo(Rule.F10_FOLLOWING);
        assertThat(behind().server(replica().notStreaming().is()).rule())
                .isEqualTo(Rule.F22_NOT_STREAMING);
    }

    @Test
    void f23AStandbyThatWasDownComesBack() {
        var down = Servers.stopped("shut down in recovery", 1, Servers.HERE);
        var wasPrimary = Servers.stopped("in production", 1, Servers.HERE);

        assertThat(behind().server(down).decision().action())
                .isEqualTo(new BeStandby(Optional.of(FROM_ANNA)));
        assertThat(behind().server(down).paused().rule()).isEqualTo(Rule.F12_LEADER_NOT_READY);
        assertThat(behind().server(wasPrimary).rule()).isEqualTo(Rule.F12_LEADER_NOT_READY);
    }

    @Test
    void f21OneOfTheSameTimelineIsPointedAtTheLeader() {
        var astray = replica().notStreaming();
        var pointedAtCarl = runs().pointedAt(Views.addressOf(CARL).toString());

        assertThat(behind().server(astray.is()).runner(pointedAtCarl).rule())
                .isEqualTo(Rule.F21_FOLLOW);
        assertThat(behind().server(astray.at(2, new Lsn(1)).is()).runner(pointedAtCarl).rule())
                .isEqualTo(Rule.F22_NOT_STREAMING);
    }

    @Test
    void f12WithoutTheTermThatIsInForceItIsNoLeader() {
        assertThat(Views.ofStandby().peer(ANNA, REFUSES, runs().armed(TERM - 1)).rule())
                .isEqualTo(Rule.F12_LEADER_NOT_READY);
        assertThat(behind().lease(new Lease.Theirs(TERM + 1, ANNA, 300)).rule())
                .isEqualTo(Rule.F12_LEADER_NOT_READY);
    }
}
