package io.kumki.core.policy;

import static io.kumki.core.policy.Runners.runs;
import static io.kumki.core.policy.Views.TIMING;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.Action.BeStandby;
import io.kumki.core.model.Action.Hold;
import io.kumki.core.model.Action.Stop;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.LocalServer.Starting;
import io.kumki.core.model.LocalServer.Stopping;
import io.kumki.core.model.LocalServer.Unreachable;
import io.kumki.core.model.Rule;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A10 to A15: no majority of voters, and no lease. */
class AloneTest {
    private static Views alone(LocalServer server) {
        return Views.ofStandby().noMajority().server(server);
    }

    @Test
    void a10WhatRunsGoesOnAndNothingIsPromoted() {
        var servers =
                List.of(
                        Servers.replica().is(),
                        new Starting(5),
                        new Stopping(5),
                        new Unreachable("timeout", 5, false));
        for (var server : servers) {
            assertThat(alone(server).rule()).isEqualTo(Rule.A10_NO_MAJORITY);
            assertThat(alone(server).decision().action()).isEqualTo(new Hold());
        }
    }

    @Test
    void a10AStoppedServerWaitsForTheOthersFirst() {
        assertThat(alone(Servers.crashed()).rule()).isEqualTo(Rule.A10_NO_MAJORITY);
        assertThat(
                        alone(Servers.crashed())
                                .paused()
                                .after(Rule.A10_NO_MAJORITY, TIMING.patience())
                                .rule())
                .isEqualTo(Rule.A10_NO_MAJORITY);
    }

    @Test
    void a12ThenItServesReads() {
        var waited = alone(Servers.crashed()).after(Rule.A10_NO_MAJORITY, TIMING.patience());

        assertThat(waited.rule()).isEqualTo(Rule.A12_SERVE_READS);
        assertThat(waited.decision().action()).isEqualTo(new BeStandby(Optional.empty()));
        assertThat(alone(Servers.crashed()).after(Rule.A12_SERVE_READS, 0).rule())
                .isEqualTo(Rule.A12_SERVE_READS);
    }

    @Test
    void a13AnUnguardedPrimaryOfAClusterIsStopped() {
        var view = alone(Servers.primary().is()).runner(runs().armed(0));

        assertThat(view.rule()).isEqualTo(Rule.A13_LEASE_ENDED);
        assertThat(view.decision().action()).isEqualTo(new Stop(true));
    }

    @Test
    void a13AGuardedPrimaryIsLeftToTheRunnersHand() {
        var view = alone(Servers.primary().is()).runner(runs().armed(Views.TERM));

        assertThat(view.rule()).isEqualTo(Rule.A10_NO_MAJORITY);
        assertThat(view.after(Rule.A10_NO_MAJORITY, TIMING.ttl() + 1).rule())
                .as("unless the hand has failed")
                .isEqualTo(Rule.A13_LEASE_ENDED);
    }

    @Test
    void a14APrimaryThatKumkiNeverLedIsLeftAlone() {
        var view = alone(Servers.primary().is()).noRecord().runner(runs().armed(0));

        assertThat(view.rule()).isEqualTo(Rule.A14_NOT_OURS_YET);
        assertThat(view.decision().action()).isEqualTo(new Hold());
    }

    @Test
    void a15NothingIsStartedBeforeAMajorityWasEverSeen() {
        assertThat(alone(Servers.crashed()).noRecord().rule()).isEqualTo(Rule.A15_NEVER_STARTED);
        assertThat(
                        alone(Servers.crashed())
                                .noRecord()
                                .after(Rule.A10_NO_MAJORITY, TIMING.patience())
                                .rule())
                .isEqualTo(Rule.A15_NEVER_STARTED);
        assertThat(alone(new LocalServer.Empty()).rule()).isEqualTo(Rule.A15_NEVER_STARTED);
    }
}
