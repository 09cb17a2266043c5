package io.kumki.core.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.consensus.SimulatedCluster.Bug;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Agents read and change the register while messages are lost, late, doubled and reordered, and
 * voters crash at any disk operation and lose their files. Replay one failure with {@code
 * -Dsim.seed=1234}; run longer with {@code -Dsim.seeds=100000}.
 */
class RegisterSimulationTest {

    private static final long STORM_MILLIS = 2_500;
    private static final long CALM_MILLIS = 2_600;
    private static final long THINK_MILLIS = 80;
    private static final long CALM_THINK_MILLIS = 400;

    static LongStream seeds() {
        return Seeds.all();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void oneChainWhateverHappensAndProgressInTheEnd(long seed) {
        var history = run(seed, Set.of());
        assertThat(history.violations()).as("replay with -Dsim.seed=%d", seed).isEmpty();
    }

    @Test
    void theSameSeedGivesTheSameHistory() {
        assertThat(run(7, Set.of()).commits()).isPositive().isEqualTo(run(7, Set.of()).commits());
    }

    @Test
    void findsAVoterThatVotesAfterLosingItsFile() {
        assertThat(
                        Seeds.someShowsViolation(
                                100, seed -> bad(seed, Bug.VOTES_AFTER_LOSING_ITS_FILE)))
                .isTrue();
    }

    @Test
    void findsAnAnswerBeforeTheFsync() {
        assertThat(Seeds.someShowsViolation(300, seed -> bad(seed, Bug.ANSWERS_BEFORE_THE_FSYNC)))
                .isTrue();
    }

    private static History bad(long seed, Bug bug) {
        return new Run(seed, Set.of(bug)).storm();
    }

    private static History run(long seed, Set<Bug> bugs) {
        var run = new Run(seed, bugs);
        run.storm();
        return run.calm();
    }

    /** One seed's life. */
    private static final class Run {
        private final SimulatedCluster cluster;
        private final Map<String, String> lastSeen = new HashMap<>();
        private final Map<String, Integer> decided = new HashMap<>();
        private boolean calm;
        private int ids;

        Run(long seed, Set<Bug> bugs) {
            cluster = new SimulatedCluster(seed, seed % 3 == 0 ? 5 : 3, value -> "", bugs);
            cluster.start(node -> node.later(0, () -> useRegister(node)));
        }

        History storm() {
            cluster.often(150, this::mischief);
            cluster.time.runUntil(STORM_MILLIS);
            return cluster.history;
        }

        History calm() {
            calm = true;
            cluster.heal();
            cluster.time.runUntil(STORM_MILLIS + CALM_MILLIS / 2);
            decided.clear();
            cluster.time.runUntil(STORM_MILLIS + CALM_MILLIS);
            for (var node : cluster.nodes()) {
                if (decided.getOrDefault(node.name(), 0) == 0) {
                    cluster.history.violated(
                            node.name() + " made no progress: " + node.acceptor().status());
                }
            }
            return cluster.history;
        }

        private void useRegister(SimulatedNode node) {
            if (!node.acceptor().votes()) {
                node.later(THINK_MILLIS, () -> useRegister(node));
                return;
            }
            int floor = cluster.history.floor();
            var before = lastSeen.getOrDefault(node.name(), "");
            if (cluster.random.nextInt(3) == 0) {
                node.register().read().subscribe().with(outcome -> saw(node, outcome, floor - 1));
                return;
            }
            var next = History.Link.of(before).next(node.name() + "-" + ids++);
            cluster.history.proposes(next);
            var expected = Optional.of(before).filter(value -> !value.isEmpty());
            node.register()
                    .compareAndSet(expected, next)
                    .subscribe()
                    .with(
                            outcome -> {
                                if (outcome instanceof Outcome.Conflict) {
                                    cluster.history.refused(next);
                                }
                                saw(node, outcome, floor);
                            });
        }

        private void saw(SimulatedNode node, Outcome outcome, int floor) {
            switch (outcome) {
                case Outcome.Committed committed -> {
                    cluster.history.committed(committed.value(), floor);
                    lastSeen.put(node.name(), committed.value());
                    decided.merge(node.name(), 1, Integer::sum);
                }
                case Outcome.Conflict conflict -> {
                    cluster.history.saw(conflict.current(), floor);
                    lastSeen.put(node.name(), conflict.current());
                    decided.merge(node.name(), 1, Integer::sum);
                }
                case Outcome.Undecided undecided -> {}
            }
            long think = calm ? CALM_THINK_MILLIS : THINK_MILLIS;
            node.later(cluster.random.nextLong(think), () -> useRegister(node));
        }

        private void mischief() {
            if (calm) {
                return;
            }
            var random = cluster.random;
            var node = cluster.any();
            switch (random.nextInt(10)) {
                case 0 -> crash(node);
                case 1, 2 -> node.disk().killAfter(random.nextInt(6));
                case 3 -> cluster.isolate(node.name());
                case 4 -> cluster.cutOneWay(node.name(), cluster.any().name());
                case 5 -> loseFile(node);
                case 6 -> node.disk().full(random.nextBoolean());
                case 7 -> cluster.weather(random.nextInt(30), random.nextInt(30), 60);
                case 8 -> node.freeze(random.nextLong(600));
                default -> cluster.heal();
            }
        }

        private void crash(SimulatedNode node) {
            if (node.up()) {
                node.crash(cluster.random.nextBoolean());
            }
        }

        /** Never more voters at once than the cluster can do without. */
        private void loseFile(SimulatedNode node) {
            long lost = cluster.nodes().stream().filter(SimulatedNode::lost).count();
            if (node.up() && !node.lost() && lost < (cluster.names().size() - 1) / 2) {
                node.crashAndLoseFile();
            }
        }
    }
}
