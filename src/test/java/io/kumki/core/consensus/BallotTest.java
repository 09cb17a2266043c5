package io.kumki.core.consensus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BallotTest {

    @Test
    void isOrderedByCounterThenProposer() {
        assertThat(new Ballot(2, "n1/a")).isGreaterThan(new Ballot(1, "n2/b"));
        assertThat(new Ballot(2, "n2/a")).isGreaterThan(new Ballot(2, "n1/b"));
        assertThat(Ballot.ZERO).isLessThan(new Ballot(1, "n1/a"));
    }

    @Test
    void readsWhatItWrote() {
        assertThat(Ballot.parse("12@n1/ab12")).isEqualTo(new Ballot(12, "n1/ab12"));
        assertThat(new Ballot(12, "n1/ab12")).hasToString("12@n1/ab12");
        assertThat(Ballot.parse(Ballot.ZERO.toString())).isEqualTo(Ballot.ZERO);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "12", "@n1", "x@n1", "-1@n1", "1@n 1"})
    void refusesOtherText(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Ballot.parse(text));
    }
}
