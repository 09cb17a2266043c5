package io.kumki.core.policy;

import static io.kumki.core.policy.Servers.replica;
import static io.kumki.core.policy.Views.ANNA;
import static io.kumki.core.policy.Views.BERT;
import static io.kumki.core.policy.Views.CARL;
import static io.kumki.core.policy.Views.WALLY;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.Lease;
import io.kumki.core.model.NodeId;
import io.kumki.core.policy.Outlook.Fault;
import io.kumki.core.policy.Outlook.Prospect;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What each fault would lead to, by the policy itself. */
class OutlookTest {
    private static Outlook of(Views view, NodeId... votes) {
        return Outlook.of(view.is(), List.of(votes));
    }

    private static String said(Views view, NodeId... votes) {
        return String.join(" ", of(view, votes).sentences(view.is()));
    }

    private static List<Optional<NodeId>> successors(Outlook outlook) {
        return outlook.prospects().stream().map(Prospect::successor).toList();
    }

    @Test
    void inAHealthyClusterTheStandbyFollowsWhateverFails() {
        for (var view : List.of(Views.ofLeader(), Views.ofStandby())) {
            assertThat(successors(of(view, ANNA, BERT, WALLY)))
                    .containsExactly(Optional.of(BERT), Optional.of(BERT), Optional.of(BERT));
            assertThat(said(view, ANNA, BERT, WALLY)).isEqualTo("A failover would promote bert.");
        }
    }

    @Test
    void theLeadersVoteGoesWithItsMachine() {
        var view = Views.ofLeader().without(WALLY);
        var outlook = of(view, ANNA, BERT);

        assertThat(outlook.prospect(Fault.SERVER).successor()).contains(BERT);
        assertThat(outlook.prospect(Fault.MACHINE).successor()).isEmpty();
        assertThat(outlook.prospect(Fault.NETWORK).successor()).isEmpty();
        assertThat(said(view, ANNA, BERT))
                .startsWith("If only PostgreSQL on anna fails, bert leads.")
                .contains("1 of 3 votes would be left, 2 are needed; now without a vote: wally");
    }

    @Test
    void aVoterThatIsHeardAndAbstainsIsNoVote() {
        assertThat(successors(of(Views.ofLeader(), ANNA, BERT)))
                .containsExactly(Optional.of(BERT), Optional.empty(), Optional.empty());
        assertThat(successors(of(Views.ofLeader(), BERT, WALLY)))
                .as("the leader's own voter abstains: its machine may fail")
                .containsExactly(Optional.of(BERT), Optional.of(BERT), Optional.of(BERT));
    }

    @Test
    void withoutAMajorityNothingIsPossible() {
        var alone = Views.ofCandidate().noMajority().without(WALLY);

        assertThat(of(alone, BERT).majority()).isFalse();
        assertThat(successors(of(alone, BERT))).containsOnly(Optional.empty());
        assertThat(said(alone, BERT))
                .isEqualTo(
                        "NO MAJORITY: of anna, bert, wally only bert votes; 2 votes are needed."
                                + " Nobody may lead, and nobody can write. Bring back 1 of anna,"
                                + " wally. anna led last; bert is complete too and is heard.");
        assertThat(said(alone.safe(ANNA), BERT)).endsWith("anna led last and must come back.");
        assertThat(said(alone.async(), BERT)).endsWith("anna led last and must come back.");
        assertThat(said(alone.noRecord(), BERT)).endsWith("Who led last is not known here.");
    }

    @Test
    void aLeaderThatHearsNobodySaysUntilWhen() {
        var view = Views.ofLeader().without(BERT).without(WALLY);
        assertThat(said(view, ANNA))
                .contains("nobody can write once the lease of anna has ended.")
                .contains("Bring back 1 of bert, wally. anna led last and is heard.");
    }

    @Test
    void theReasonsAreThoseOfTheCandidacy() {
        var lacking = Views.ofLeader().safe(ANNA);
        assertThat(said(lacking, ANNA, BERT, WALLY))
                .isEqualTo(
                        "No failover is possible now: bert: may lack commits; complete: [anna].");
        assertThat(said(Views.ofLeader().without(BERT), ANNA, WALLY))
                .startsWith("No failover is possible now: no other standby is up.")
                .contains("1 of 3 votes would be left, 2 are needed; now without a vote: bert.");
        assertThat(said(Views.ofLeader().paused(), ANNA, BERT, WALLY))
                .isEqualTo("No failover is possible now: paused.");
    }

    @Test
    void theBestOfSeveralIsNamed() {
        var view =
                Views.ofLeader()
                        .safe(ANNA, BERT, CARL)
                        .peer(BERT, replica().behind(64).is())
                        .peer(CARL, replica().is());
        assertThat(successors(of(view, ANNA, BERT, CARL, WALLY))).containsOnly(Optional.of(CARL));
    }

    @Test
    void whileNobodyLeadsItSaysWhoMay() {
        assertThat(said(Views.ofCandidate(), BERT, WALLY))
                .isEqualTo("NO LEADER now; bert may lead next.");
        assertThat(said(Views.ofCandidate().safe(ANNA), BERT, WALLY))
                .isEqualTo(
                        "NO LEADER, and nobody can lead: bert: may lack commits; complete:"
                                + " [anna]. anna led last and must come back.");
        assertThat(said(Views.ofLastLeader(), ANNA, WALLY))
                .isEqualTo("NO LEADER now; anna may lead next.");
        assertThat(said(Views.ofBlank(), ANNA, BERT, WALLY)).contains("not founded yet");
        assertThat(said(Views.ofBlank().lease(new Lease.Unknown("x")), ANNA, BERT, WALLY))
                .isEqualTo("NO LEADER: x.");
    }
}
