package io.kumki.core.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.consensus.SimulatedCluster.Bug;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Agents hold, renew and compete for the lease while their clocks drift up to 5 %, processes stand
 * still for seconds, nodes are cut off and restarted: never two leases at one instant of true time.
 * Replay with {@code -Dsim.seed=1234}; run longer with {@code -Dsim.seeds=100000}.
 */
class LeaseSimulationTest {

    private static final long STORM_MILLIS = 20_000;
    private static final long CALM_MILLIS = 8_000;

    static LongStream seeds() {
        return Seeds.all();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void neverTwoLeasesAndAlwaysOneInTheEnd(long seed) {
        var history = new Run(seed, Set.of()).stormAndCalm();
        assertThat(history.violations()).as("replay with -Dsim.seed=%d", seed).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "REUSES_RENEWAL_IDS",
                "COUNTS_FROM_THE_ANSWER",
                "COMPETES_WITHOUT_NAMING_THE_RENEWAL"
            })
    void findsThePlantedBug(Bug bug) {
        assertThat(Seeds.someShowsViolation(400, seed -> new Run(seed, Set.of(bug)).storm()))
                .isTrue();
    }

    @Test
    void leasesChangeHands() {
        long grants = LongStream.range(0, 10).map(seed -> storm(seed).commits()).sum();
        assertThat(grants).isGreaterThan(20);
    }

    private static History storm(long seed) {
        return new Run(seed, Set.of()).storm();
    }

    /** One seed's life. */
    private static final class Run {
        private final SimulatedCluster cluster;
        private final SimulatedLeases leases;
        private boolean calm;

        Run(long seed, Set<Bug> bugs) {
            cluster = new SimulatedCluster(seed, 3, SimulatedLeaseAgent::renewalOf, bugs);
            leases = new SimulatedLeases(cluster);
            cluster.start(node -> new SimulatedLeaseAgent(node, cluster, leases).start());
        }

        History storm() {
            cluster.often(1_000, this::mischief);
            cluster.time.runUntil(STORM_MILLIS);
            return cluster.history;
        }

        History stormAndCalm() {
            storm();
            calm = true;
            cluster.heal();
            cluster.time.runUntil(STORM_MILLIS + CALM_MILLIS);
            if (leases.holders() != 1) {
                cluster.history.violated(leases.holders() + " holders after the storm");
            }
            return cluster.history;
        }

        private void mischief() {
            if (calm) {
                return;
            }
            var random = cluster.random;
            var node = cluster.any();
            switch (random.nextInt(10)) {
                case 0 -> crash(node);
                case 1 -> node.disk().killAfter(random.nextInt(6));
                case 2, 3 -> node.freeze(500 + random.nextLong(4_000));
                case 4, 5 -> cluster.isolate(node.name());
                case 6 -> cluster.cutOneWay(node.name(), cluster.any().name());
                case 7 -> cluster.weather(random.nextInt(40), random.nextInt(30), 120);
                default -> cluster.heal();
            }
        }

        private void crash(SimulatedNode node) {
            if (node.up()) {
                node.crash(cluster.random.nextBoolean());
            }
        }
    }
}
