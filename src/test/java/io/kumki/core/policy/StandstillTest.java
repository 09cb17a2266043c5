package io.kumki.core.policy;

import static io.kumki.core.policy.Runners.runs;
import static io.kumki.core.policy.Views.ANNA;
import static io.kumki.core.policy.Views.TERM;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.LocalServer.Starting;
import io.kumki.core.model.LocalServer.Unreachable;
import org.junit.jupiter.api.Test;

/** What an operator is told where somebody leads and nobody writes. */
class StandstillTest {
    private static final Starting RECOVERS = new Starting(64_000, true);

    private static String said(Views views) {
        return Standstill.of(views.is()).orElse("");
    }

    @Test
    void nothingWhileTheLeaderWritesOrNobodyLeads() {
        var refuses = new Unreachable("too many clients already", 60_000, true, true);

        assertThat(said(Views.ofLeader())).isEmpty();
        assertThat(said(Views.ofStandby())).isEmpty();
        assertThat(said(Views.ofLeader().server(refuses))).isEmpty();
        assertThat(said(Views.ofCandidate())).isEmpty();
    }

    @Test
    void aRecoveryIsNamedWithWhatEndsIt() {
        assertThat(said(Views.ofLeader().server(RECOVERS)))
                .contains("anna leads and its server starts or recovers, for 64 s now")
                .contains("bert is safe and takes over when `patience`")
                .contains("stop that node");
        assertThat(said(Views.ofStandby().peer(ANNA, RECOVERS, runs().armed(TERM))))
                .contains("anna leads and its server starts or recovers, for 64 s now")
                .contains("bert is safe");
    }

    @Test
    void withoutASafeStandbyTheReasonsAndTheWayWithLoss() {
        assertThat(said(Views.ofLeader().server(RECOVERS).safe(ANNA)))
                .contains("Nobody is safe to take over: bert: may lack commits")
                .contains("`kumki failover NODE` accepts the loss");
        assertThat(said(Views.ofLeader().server(RECOVERS).paused()))
                .contains("`kumki failover NODE`");
    }

    @Test
    void aSilentLeaderIsNamed() {
        assertThat(said(Views.ofStandby().without(ANNA))).contains("anna leads and its agent");
    }
}
