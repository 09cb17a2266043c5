package io.kumki.core.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class StalenessTest {
    /** The leader's number grew by one a second, beginning with 1 at second 1. */
    private static Staleness afterSeconds(int seconds) {
        var staleness = Staleness.NONE;
        for (int second = 1; second <= seconds; second++) {
            staleness = staleness.after(second, second * 1000L);
        }
        return staleness;
    }

    @Test
    void aReplicaThatHasAllIsNotOldHoweverLongNobodyWrote() {
        assertThat(afterSeconds(3).of(3, 60_000)).contains(Duration.ZERO);
    }

    @Test
    void ageCountsFromTheFirstThingThatTheReplicaLacks() {
        assertThat(afterSeconds(9).of(4, 9_500)).contains(Duration.ofMillis(4_500));
    }

    @Test
    void withoutAProbeNothingIsKnown() {
        assertThat(Staleness.NONE.of(4, 9_000)).isEmpty();
        assertThat(afterSeconds(9).of(0, 9_000)).isEmpty();
        assertThat(Staleness.NONE.after(0, 1).heard()).isEmpty();
    }

    @Test
    void theSameNumberHeardAgainIsNoNews() {
        assertThat(afterSeconds(2).after(2, 50_000).of(1, 50_000)).contains(Duration.ofSeconds(48));
    }

    @Test
    void oldNumbersAreForgottenAndTheAgeIsThenTheLeastThatIsCertain() {
        assertThat(afterSeconds(500).heard()).hasSize(120);
        assertThat(afterSeconds(500).of(1, 500_000)).contains(Duration.ofSeconds(119));
    }

    @Test
    void numbersThatGoBackAfterALossStartAnew() {
        assertThat(afterSeconds(9).after(5, 20_000).of(5, 30_000)).contains(Duration.ZERO);
    }
}
