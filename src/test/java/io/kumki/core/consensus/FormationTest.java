package io.kumki.core.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.consensus.Formation.Voter;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FormationTest {

    private static final Set<String> OTHERS = Set.of("n2", "n3");
    private static final Voter FRESH = new Voter(Standing.FRESH, 0);
    private static final Voter BLANK = new Voter(Standing.BLANK, 0);

    @Test
    void formsOnlyWhenEveryOtherWasAskedAndHasNoPast() {
        assertThat(judge(Standing.FRESH, Map.of("n2", FRESH))).isInstanceOf(Formation.Wait.class);
        assertThat(judge(Standing.FRESH, Map.of("n2", FRESH, "n3", BLANK)))
                .isInstanceOf(Formation.Form.class);
    }

    @Test
    void knowsALostFileByAnyOtherThatVotes() {
        assertThat(judge(Standing.FRESH, Map.of("n2", new Voter(Standing.VOTING, 0))))
                .isInstanceOf(Formation.Lost.class);
    }

    @Test
    void neverFormsBesideADamagedVoter() {
        var answers = Map.of("n2", new Voter(Standing.ABSTAINING, 0), "n3", BLANK);
        assertThat(judge(Standing.FRESH, answers)).isInstanceOf(Formation.Wait.class);
    }

    @Test
    void knowsALostFileByABallotThatAnyoneIssued() {
        assertThat(judge(Standing.FRESH, Map.of("n2", FRESH, "n3", new Voter(Standing.BLANK, 1))))
                .isInstanceOf(Formation.Lost.class);
    }

    @Test
    void votesOnlyWhenEveryOtherHasFormed() {
        assertThat(judge(Standing.BLANK, Map.of("n2", BLANK, "n3", FRESH)))
                .isInstanceOf(Formation.Wait.class);
        assertThat(judge(Standing.BLANK, Map.of("n2", BLANK, "n3", BLANK)))
                .isInstanceOf(Formation.Open.class);
        assertThat(judge(Standing.BLANK, Map.of("n2", new Voter(Standing.VOTING, 3))))
                .isInstanceOf(Formation.Open.class);
    }

    @Test
    void aClusterOfOneFormsByItself() {
        assertThat(Formation.judge(Standing.FRESH, Set.of(), Map.of()))
                .isInstanceOf(Formation.Form.class);
        assertThat(Formation.judge(Standing.BLANK, Set.of(), Map.of()))
                .isInstanceOf(Formation.Open.class);
    }

    private static Formation.Verdict judge(Standing own, Map<String, Voter> answers) {
        return Formation.judge(own, OTHERS, answers);
    }
}
