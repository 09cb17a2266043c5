package io.kumki.core.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.routing.ReplicaFitness.Limits;
import io.kumki.core.routing.ReplicaFitness.Sample;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReplicaFitnessTest {
    private final ReplicaFitness start =
            ReplicaFitness.start(new Limits(1000, Duration.ofSeconds(10), Duration.ofSeconds(30)));

    private static Sample streaming(long bytes, long lagMillis, long now) {
        return new Sample(
                true, bytes, Optional.of(Duration.ofMillis(lagMillis)), Optional.empty(), now);
    }

    private static Sample dead(long now) {
        return new Sample(false, 0, Optional.empty(), Optional.empty(), now);
    }

    @Test
    void theFirstSampleDecidesAlone() {
        assertThat(start.isFit()).isFalse();
        assertThat(start.after(streaming(1000, 10_000, 0)).isFit()).isTrue();
        assertThat(start.after(dead(0)).verdict().reason()).isEqualTo("not streaming");
    }

    @Test
    void lagOverOneLimitWithdrawsAtOnce() {
        ReplicaFitness offered = start.after(streaming(0, 0, 0));
        assertThat(offered.after(streaming(1001, 0, 1)).verdict().reason())
                .isEqualTo("1001 bytes behind, limit 1000");
        assertThat(offered.after(streaming(0, 10_001, 1)).verdict().reason())
                .isEqualTo("10001 ms behind, limit 10000 ms");
        assertThat(
                        offered.after(new Sample(true, 5, Optional.empty(), Optional.empty(), 1))
                                .isFit())
                .isTrue();
    }

    /** Nothing of what arrives can be read there, however little it is. */
    @Test
    void aReplayThatStandsStillWithdrawsAtOnceAndItReturnsLate() {
        var offered = start.after(streaming(0, 0, 0));
        var paused =
                new Sample(true, 0, Optional.of(Duration.ZERO), Optional.of("replay is paused"), 1);
        var withdrawn = offered.after(paused);
        assertThat(withdrawn.verdict().reason()).isEqualTo("replay is paused");
        assertThat(withdrawn.after(streaming(0, 0, 2)).isFit()).isFalse();
    }

    @Test
    void itReturnsOnlyAfterItWasGoodWithoutABreak() {
        ReplicaFitness state = start.after(dead(0)).after(streaming(500, 5000, 1000));
        assertThat(state.after(streaming(0, 0, 30_999)).isFit()).isFalse();
        assertThat(state.after(streaming(0, 0, 31_000)).isFit()).isTrue();
        // Within the limits, but over half of one: the run begins anew.
        ReplicaFitness broken = state.after(streaming(501, 0, 20_000));
        assertThat(broken.verdict().reason()).contains("half of the limit");
        assertThat(broken.after(streaming(0, 0, 31_000)).isFit()).isFalse();
        assertThat(broken.after(streaming(0, 0, 31_000)).after(streaming(0, 0, 61_000)).isFit())
                .isTrue();
    }
}
