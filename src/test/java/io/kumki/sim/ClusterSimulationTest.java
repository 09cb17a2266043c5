package io.kumki.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Replay one failure with {@code -Dsim.seed=1234}; run longer with {@code -Dsim.seeds=100000}. */
class ClusterSimulationTest {

    static LongStream seeds() {
        return SimSeeds.all();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void oneWriterNothingLostAndAllWellInTheEnd(long seed) {
        var cluster = Storm.run(seed, EnumSet.noneOf(SimCluster.Bug.class));

        assertThat(cluster.checker.violations()).as(() -> cluster.checker.report()).isEmpty();
    }

    /** Whatever an operator orders meanwhile, one writes, and what he accepts to lose is kept. */
    @ParameterizedTest(name = "operator, seed {0}")
    @MethodSource("operators")
    void alsoWithAnOperatorWhoMeansWell(long seed) {
        var cluster = Storm.withOperator(seed);

        assertThat(cluster.checker.violations()).as(() -> cluster.checker.report()).isEmpty();
    }

    static LongStream operators() {
        return SimSeeds.some(0.4);
    }
}
