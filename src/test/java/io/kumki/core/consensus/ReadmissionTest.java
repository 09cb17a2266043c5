package io.kumki.core.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class ReadmissionTest {

    private static final Ballot SEVEN = new Ballot(7, "n2/b");
    private static final Reply ABSTAINED = new Reply.Abstained("lost its file");

    private final Readmission three = new Readmission("n1/r", Set.of("n2", "n3"), 0);
    private final Readmission five = new Readmission("n1/r", Set.of("n2", "n3", "n4", "n5"), 0);

    @Test
    void goesAboveEveryBallotAndTakesTheNewestValue() {
        long first = round(three.start());
        long second = round(three.on("n2", first, new Reply.Rejected(SEVEN)));
        assertThat(three.on("n2", second, new Reply.Promised(SEVEN, "new")).send()).isEmpty();
        var older = new Reply.Promised(new Ballot(1, "n3/c"), "old");
        var write = three.on("n3", second, older);
        var eight = new Ballot(8, "n1/r");
        assertThat(write.send())
                .hasSize(2)
                .allSatisfy(
                        out ->
                                assertThat(out.message())
                                        .isEqualTo(new Message.Accept(eight, "new", eight)));
        three.on("n2", round(write), new Reply.Accepted());
        assertThat(three.on("n3", round(write), new Reply.Accepted()).result())
                .contains(new Readmission.Won(new AcceptorState(eight, eight, "new")));
    }

    @Test
    void needsEveryOther() {
        long round = round(three.start());
        three.on("n2", round, new Reply.Promised(SEVEN, "v"));
        assertThat(three.giveUp("deadline").result())
                .contains(new Readmission.Refused("deadline; no answer from [n3]"));
    }

    @Test
    void needsAMajorityThatCanVouch() {
        long round = round(three.start());
        three.on("n2", round, new Reply.Promised(SEVEN, "v"));
        assertThat(three.on("n3", round, ABSTAINED).result())
                .containsInstanceOf(Readmission.Refused.class);
    }

    @Test
    void twoLostOutOfFiveCanComeBack() {
        long round = round(five.start());
        five.on("n2", round, new Reply.Promised(SEVEN, "v"));
        five.on("n3", round, new Reply.Promised(SEVEN, "v"));
        five.on("n4", round, new Reply.Promised(SEVEN, "v"));
        assertThat(five.on("n5", round, ABSTAINED).send())
                .extracting(Outgoing::to)
                .containsExactly("n2", "n3", "n4");
    }

    @Test
    void aSingleVoterHasNobodyToLearnFrom() {
        assertThat(new Readmission("n1/r", Set.of(), 0).start().result())
                .containsInstanceOf(Readmission.Refused.class);
    }

    private static long round(Readmission.Step step) {
        return step.send().get(0).round();
    }
}
