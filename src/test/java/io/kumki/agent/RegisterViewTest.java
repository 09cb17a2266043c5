package io.kumki.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.agent.RegisterView.Held;
import io.kumki.agent.RegisterView.Word;
import io.kumki.agent.port.RecordCodec;
import io.kumki.core.consensus.Ballot;
import io.kumki.core.consensus.LeaseRule;
import io.kumki.core.consensus.Standing;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Lease;
import io.kumki.core.model.Lsn;
import io.kumki.core.model.Mode;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Position;
import io.kumki.core.model.Safety;
import io.kumki.core.model.Tenure;
import io.kumki.core.model.Wishes;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RegisterViewTest {
    private static final NodeId ANNA = new NodeId("anna");
    private static final NodeId BERT = new NodeId("bert");
    private static final NodeId WALLY = new NodeId("wally");
    private static final LeaseRule RULE = new LeaseRule(3000);
    private static final Held NOTHING = new Held(0, 0, true);

    /**
     * A value is: renewal id, line feed, term, space, holder, its ttl or "released" where it is.
     */
    private static final class Codec implements RecordCodec {
        @Override
        public String encode(ClusterRecord clusterRecord) {
            throw new UnsupportedOperationException("nothing is written here");
        }

        @Override
        public ClusterRecord decode(String text) {
            var word = text.split("\\s");
            var tenure =
                    new Tenure(
                            Long.parseLong(word[1]),
                            new NodeId(word[2]),
                            word[0],
                            word[word.length - 1].equals("released"),
                            Optional.empty(),
                            word[word.length - 1].matches("\\d+")
                                    ? Long.parseLong(word[word.length - 1])
                                    : 0);
            return new ClusterRecord(
                    "demo",
                    "7351",
                    tenure,
                    new Position(1, Lsn.ZERO),
                    new Safety(Mode.SYNC, Set.of()),
                    Wishes.NONE,
                    List.of(),
                    Optional.empty());
        }
    }

    private static Word word(NodeId voter, long ballot, String value, long age) {
        var said =
                new Report.Voter(
                        Standing.VOTING, true, "", ballot, new Ballot(ballot, "x"), value, age);
        return new Word(voter, said, 0);
    }

    private static Word abstaining(NodeId voter, String value) {
        var said =
                new Report.Voter(
                        Standing.ABSTAINING,
                        false,
                        "lost its file",
                        9,
                        new Ballot(9, "x"),
                        value,
                        9999);
        return new Word(voter, said, 0);
    }

    private static Held held(long remaining) {
        return new Held(7, remaining, true);
    }

    private static RegisterView view(Word... words) {
        return RegisterView.of(List.of(words), 3, new Codec());
    }

    private static Lease leaseForBert(RegisterView view) {
        return view.lease(BERT, RULE, NOTHING);
    }

    @Test
    void theHighestBallotOfAMajorityIsTheNewest() {
        var view = view(word(ANNA, 5, "r5\n7 anna", 10), word(BERT, 4, "r4\n7 anna", 600));

        assertThat(view.majority()).isTrue();
        assertThat(view.value()).startsWith("r5");
        assertThat(view.settled()).as("one of three has it").isFalse();
        assertThat(view.age()).as("of r5, not of r4").isEqualTo(10);
    }

    @Test
    void itIsSettledWhenAMajorityOfAllVotersHasIt() {
        assertThat(view(word(ANNA, 5, "r5\n7 anna", 10), word(WALLY, 5, "r5\n7 anna", 30)))
                .extracting(RegisterView::settled, RegisterView::age)
                .as("and its age is the most that any voter says")
                .containsExactly(true, 30L);
        assertThat(view(word(ANNA, 5, "r5\n7 anna", 10)).settled()).isFalse();
    }

    @Test
    void aVoterThatAbstainsIsNoVoter() {
        var view = view(word(BERT, 4, "r4\n7 anna", 1), abstaining(ANNA, "r9\n9 anna"));

        assertThat(view.majority()).isFalse();
        assertThat(view.missing()).contains("1 of 3", "anna: lost its file");
        assertThat(view.value()).startsWith("r4");
        assertThat(leaseForBert(view)).isInstanceOf(Lease.Unknown.class);
    }

    @Test
    void halfIsNoMajority() {
        var words = List.of(word(ANNA, 5, "r5\n7 anna", 0), word(BERT, 5, "r5\n7 anna", 0));

        assertThat(RegisterView.of(words, 4, new Codec()).majority()).isFalse();
        assertThat(RegisterView.of(List.of(), 3, new Codec()).majority()).isFalse();
    }

    @Test
    void aBlankRegisterIsNobodys() {
        assertThat(leaseForBert(view(word(ANNA, 0, "", -1), word(BERT, 0, "", -1))))
                .isEqualTo(new Lease.Blank());
    }

    @Test
    void aYoungRenewalIsRespectedAnOldOneIsNot() {
        var young = view(word(ANNA, 5, "r5\n7 anna", 3150), word(BERT, 5, "r5\n7 anna", 10));
        var old = view(word(ANNA, 5, "r5\n7 anna", 10), word(BERT, 5, "r5\n7 anna", 3151));

        assertThat(leaseForBert(young)).isEqualTo(new Lease.Theirs(7, ANNA, 3150));
        assertThat(leaseForBert(old))
                .isEqualTo(new Lease.Free(7, ANNA, 3151, false, Optional.empty()));
    }

    @Test
    void aRenewalIsJudgedByTheTtlThatItCarries() {
        var longer = view(word(ANNA, 5, "r5\n7 anna 15000", 15_750), word(BERT, 5, "", 0));
        var shorter = view(word(ANNA, 5, "r5\n7 anna 1000", 1_051), word(BERT, 5, "", 0));

        assertThat(leaseForBert(longer)).isEqualTo(new Lease.Theirs(7, ANNA, 15_750));
        assertThat(leaseForBert(shorter)).isInstanceOf(Lease.Free.class);
    }

    @Test
    void aReleasedLeaseIsFreeAtOnce() {
        var view = view(word(ANNA, 5, "r5\n7 anna released", 1), word(BERT, 5, "r5\n7 anna", 1));

        assertThat(leaseForBert(view))
                .isEqualTo(new Lease.Free(7, ANNA, 1, true, Optional.empty()));
    }

    @Test
    void whatOurAgentHeldInAnEarlierLifeIsFreeForUs() {
        var view = view(word(ANNA, 5, "r5\n7 bert", 1), word(BERT, 5, "r5\n7 bert", 1));

        assertThat(leaseForBert(view)).isInstanceOf(Lease.Free.class);
        assertThat(view.lease(ANNA, RULE, NOTHING)).isEqualTo(new Lease.Theirs(7, BERT, 1));
    }

    @Test
    void ourLeaseIsOursUntilItEndsWhoeverAnswers() {
        var nobody = view();
        var cutOff = view(word(BERT, 5, "r5\n7 bert", 1));

        assertThat(nobody.lease(BERT, RULE, held(1))).isEqualTo(new Lease.Mine(7, 1, true));
        assertThat(cutOff.lease(BERT, RULE, held(1))).isEqualTo(new Lease.Mine(7, 1, true));
        assertThat(cutOff.lease(BERT, RULE, held(0))).isInstanceOf(Lease.Unknown.class);
    }

    @Test
    void aHigherTermEndsOurs() {
        var view = view(word(ANNA, 6, "r6\n8 anna", 1), word(BERT, 5, "r5\n7 bert", 1));

        assertThat(view.lease(BERT, RULE, held(2000))).isEqualTo(new Lease.Theirs(8, ANNA, 1));
    }
}
