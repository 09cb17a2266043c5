package io.kumki.core.policy;

import static io.kumki.core.policy.Runners.runs;
import static io.kumki.core.policy.Views.BERT;
import static io.kumki.core.policy.Views.TERM;
import static io.kumki.core.policy.Views.TIMING;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.Action.BeStandby;
import io.kumki.core.model.Action.Campaign;
import io.kumki.core.model.Action.Hold;
import io.kumki.core.model.Action.Stop;
import io.kumki.core.model.Episode.Cause;
import io.kumki.core.model.Lease;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.LocalServer.Starting;
import io.kumki.core.model.LocalServer.Stopping;
import io.kumki.core.model.LocalServer.Unreachable;
import io.kumki.core.model.Rule;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** V10 to V27: the lease is free and our server is no standby. */
class VacancyTest {
    private static Views runningPrimary() {
        return Views.ofLeader().expired();
    }

    @Test
    void v10ARestartedAgentTakesItsOwnLeaseAgain() {
        var decision = runningPrimary().decision();

        assertThat(decision.rule()).isEqualTo(Rule.V10_RETAKE);
        assertThat(decision.action()).isEqualTo(new Campaign(Cause.RESUME));
    }

    @Test
    void v10OurOwnWriteUnderWayIsNoReasonToStop() {
        var adopting = Views.ofLeader().runner(runs().armed(0));
        var first = new Lease.Free(1, Views.ANNA, 0, false, Optional.empty());

        assertThat(runningPrimary().runner(runs().armed(TERM - 1)).rule())
                .isEqualTo(Rule.V10_RETAKE);
        assertThat(adopting.lease(first).rule()).isEqualTo(Rule.V10_RETAKE);
    }

    @Test
    void v11APrimaryWithoutALeaseIsStopped() {
        var released = Views.ofLeader().released(Optional.of(BERT)).decision();
        var foreign = Views.ofStandby().server(Servers.primary().is()).expired();

        assertThat(released.rule()).isEqualTo(Rule.V11_UNENTITLED);
        assertThat(released.action()).isEqualTo(new Stop(true));
        assertThat(foreign.rule()).as("another led last").isEqualTo(Rule.V11_UNENTITLED);
        assertThat(runningPrimary().runner(runs().armed(TERM - 3)).rule())
                .as("guarded for a term long gone")
                .isEqualTo(Rule.V11_UNENTITLED);
    }

    @Test
    void v20TheLastLeaderLeavesTheLeaseToASafeStandbyThatIsUp() {
        var view = Views.ofLastLeader().peer(BERT, Servers.replica().is());

        assertThat(view.rule()).isEqualTo(Rule.V20_LEAVE_TO);
        assertThat(view.decision().action()).isEqualTo(new Hold());
        assertThat(view.after(Rule.V20_LEAVE_TO, 2 * TIMING.grace() + 1).rule())
                .as("not for ever")
                .isEqualTo(Rule.V21_RESUME);
    }

    @Test
    void v21TheLastLeaderLeadsAgainWhenNobodyIsSafer() {
        var unsafe = Views.ofLastLeader().safe(Views.ANNA).peer(BERT, Servers.replica().is());

        assertThat(Views.ofLastLeader().rule()).isEqualTo(Rule.V21_RESUME);
        assertThat(Views.ofLastLeader().decision().action()).isEqualTo(new Campaign(Cause.RESUME));
        assertThat(unsafe.rule()).isEqualTo(Rule.V21_RESUME);
    }

    @Test
    void v21IsTriedAgainWithoutAnotherWait() {
        var view = Views.ofLastLeader().peer(BERT, Servers.replica().is());

        assertThat(view.after(Rule.V21_RESUME, 0).rule()).isEqualTo(Rule.V21_RESUME);
    }

    @Test
    void v21AStartThatFailedBeforeIsNotTheEnd() {
        assertThat(Views.ofLastLeader().runner(runs().failed("primary")).rule())
                .isEqualTo(Rule.V21_RESUME);
    }

    @Test
    void v21APauseKeepsTheLastLeader() {
        assertThat(Views.ofLastLeader().peer(BERT, Servers.replica().is()).paused().rule())
                .isEqualTo(Rule.V21_RESUME);
    }

    @Test
    void v22AnOlderPrimaryNeverLeadsByItself() {
        var decision = Views.ofCandidate().server(Servers.crashed()).decision();

        assertThat(decision.rule()).isEqualTo(Rule.V22_WAIT_FOR_LEADER);
        assertThat(decision.action()).isEqualTo(new Hold());
    }

    @Test
    void v23AStoppedStandbyIsStartedToBeACandidate() {
        var stopped = Servers.stopped("shut down in recovery");
        var decision = Views.ofCandidate().server(stopped).decision();

        assertThat(decision.rule()).isEqualTo(Rule.V23_START_STANDBY);
        assertThat(decision.action()).isEqualTo(new BeStandby(Optional.empty()));
    }

    @Test
    void v24WithoutDataThereIsNothingToDo() {
        assertThat(Views.ofCandidate().server(new LocalServer.Empty()).rule())
                .isEqualTo(Rule.V24_NO_DATA);
        assertThat(Views.ofLastLeader().server(new LocalServer.Empty()).bootstrap().rule())
                .as("an existing cluster is not bootstrapped again")
                .isEqualTo(Rule.V24_NO_DATA);
    }

    @Test
    void b10AFounderThatDiedBeforeInitdbGoesOn() {
        var founded = Views.record().withSystemId("");
        var view = Views.ofLastLeader().record(founded).server(new LocalServer.Empty());

        assertThat(view.bootstrap().decision().action()).isEqualTo(new Campaign(Cause.BOOTSTRAP));
    }

    @Test
    void v25v26AServerThatDoesNotAnswerIsNoCandidate() {
        assertThat(Views.ofCandidate().server(new Starting(5)).rule()).isEqualTo(Rule.V25_STARTING);
        assertThat(Views.ofCandidate().server(new Stopping(5)).rule()).isEqualTo(Rule.V25_STARTING);
        assertThat(Views.ofCandidate().server(new Unreachable("timeout", 5, false)).rule())
                .isEqualTo(Rule.V26_UNREACHABLE);
    }

    @Test
    void v26WhenTheRunnerIsSilentTooThatIsSaid() {
        var view = Views.ofCandidate().server(new Unreachable("refused", 5, false));
        assertThat(view.runner(runs().silentFor(TIMING.ttl())).decision().because())
                .isEqualTo("refused");
        assertThat(view.runner(runs().silentFor(12_000)).decision().because())
                .isEqualTo("refused; its runner has been silent for 12 s, so nobody starts it");
        assertThat(view.runner(runs().silentFor(Long.MAX_VALUE)).decision().because())
                .isEqualTo("refused; its runner was never heard, so nobody starts it");
    }

    @Test
    void v27AStandbyThatCouldNotBeStartedIsTriedAgain() {
        var stopped = Servers.stopped("shut down in recovery");
        var view = Views.ofCandidate().server(stopped).runner(runs().failed("standby"));

        assertThat(view.rule()).isEqualTo(Rule.V27_BROKEN);
        assertThat(view.decision().action()).isEqualTo(new BeStandby(Optional.empty()));
    }

    @Test
    void v28AnOperatorMayLetAnOldPrimaryLead() {
        var view = Views.ofCandidate().server(Servers.crashed()).safe(Views.ANNA).forced(BERT);

        assertThat(view.rule()).isEqualTo(Rule.V28_FORCED);
        assertThat(view.decision().action()).isEqualTo(new Campaign(Cause.FORCED));
        assertThat(view.forced(Views.CARL).rule()).isEqualTo(Rule.V22_WAIT_FOR_LEADER);
    }

    /** Also if it is forced: first a person looks at the directory and takes the mark away. */
    @Test
    void v29ADirectoryThatOpenedShortIsNotStartedAgain() {
        var view =
                Views.ofCandidate()
                        .server(Servers.stopped("in archive recovery", 1, Servers.HERE))
                        .runner(runs().openedShort());

        assertThat(view.rule()).isEqualTo(Rule.V29_OPENED_SHORT);
        assertThat(view.decision().action()).isEqualTo(new Hold());
        assertThat(view.forced(BERT).rule()).isEqualTo(Rule.V29_OPENED_SHORT);
    }

    @Test
    void f33AForeignDirectoryIsNotStarted() {
        var foreign = new LocalServer.Remains("another", 1, Servers.HERE, "shut down");
        var view = Views.ofLastLeader().server(new LocalServer.Stopped(false, foreign));

        assertThat(view.rule()).isEqualTo(Rule.F33_FOREIGN);
    }
}
