package io.kumki.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Files that differ from node to node: what the cluster agreed on counts. */
class UnequalSettingsTest {
    private static final int SEEDS = 150;

    @Test
    void anotherTtlOrModeInOneFileMakesNoSecondWriterAndLosesNothing() {
        assertThat(violations(Storm::ofUnequal)).isEmpty();
    }

    @Test
    void theTtlCanBeChangedInBothDirectionsInAnyStorm() {
        assertThat(violations(Storm::ofChanges)).isEmpty();
    }

    private static List<String> violations(LongFunction<SimCluster> storm) {
        return LongStream.range(0, Long.getLong("sim.seeds", SEEDS))
                .mapToObj(storm)
                .filter(c -> !c.checker.violations().isEmpty())
                .map(c -> c.seed() + ": " + c.checker.violations())
                .toList();
    }
}
