package io.kumki.core.policy;

import static io.kumki.core.policy.Views.ANNA;
import static io.kumki.core.policy.Views.BERT;
import static io.kumki.core.policy.Views.CARL;
import static io.kumki.core.policy.Views.TIMING;
import static io.kumki.core.policy.Views.WALLY;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.Action.Agree;
import io.kumki.core.model.Agreed;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Mode;
import io.kumki.core.model.Rule;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** L11: what must be equal on all nodes gets into the register. */
class AgreementTest {
    private static final Set<io.kumki.core.model.NodeId> VOTERS = Set.of(ANNA, BERT, WALLY);

    private static ClusterRecord ofEarlierVersion() {
        var now = Views.record();
        return new ClusterRecord(
                now.cluster(),
                now.systemId(),
                now.tenure(),
                now.position(),
                now.safety(),
                now.wishes(),
                now.history(),
                Optional.empty());
    }

    @Test
    void l11AfterAnUpgradeTheLeadersTtlAndTheModeThatIsKeptAreWrittenDown() {
        var decision =
                Views.ofLeader().configured(Mode.ASYNC).record(ofEarlierVersion()).decision();

        assertThat(decision.rule()).isEqualTo(Rule.L11_AGREE);
        assertThat(decision.action())
                .isEqualTo(new Agree(new Agreed(TIMING.ttl(), Mode.SYNC, VOTERS)));
    }

    @Test
    void l11VotersWhomAllNameAreWrittenDown() {
        var before = Views.record();
        var more = before.with(before.agreed().orElseThrow().with(Set.of(ANNA, BERT, WALLY, CARL)));
        var decision = Views.ofLeader().record(more).decision();

        assertThat(decision.rule()).isEqualTo(Rule.L11_AGREE);
        assertThat(decision.action())
                .isEqualTo(new Agree(new Agreed(TIMING.ttl(), Mode.SYNC, VOTERS)));
    }

    @Test
    void aSilentVoterMayStillCountItselfAmongTheOldOnes() {
        var before = Views.record();
        var more = before.with(before.agreed().orElseThrow().with(Set.of(ANNA, BERT, WALLY, CARL)));

        assertThat(Views.ofLeader().record(more).without(WALLY).rule())
                .isNotEqualTo(Rule.L11_AGREE);
    }
}
