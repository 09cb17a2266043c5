package io.kumki.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.Rule;
import io.kumki.sim.SimCluster.Bug;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The simulation is worth something only if it sees what it is there for. */
class PlantedBugTest {
    private static final int MOST_SEEDS = 200;

    @Test
    void aRunnerWithoutDeadMansHandIsCaught() {
        assertThat(violations(Bug.NO_HAND)).anyMatch(v -> v.contains("I1:"));
    }

    @Test
    void aStandbyCalledSafeBeforeCommitsWaitForItIsCaught() {
        assertThat(violations(Bug.PROOF_SKIPPED)).anyMatch(v -> v.contains("I2:"));
    }

    @Test
    void aLeaseThatIsTakenBeforeItsEndIsCaught() {
        assertThat(violations(Bug.LEASE_NOT_AWAITED)).anyMatch(v -> v.contains("I1:"));
    }

    /** Each acknowledged commit that the leader lacks lies somewhere (I5). */
    @Test
    void aRewindWithoutSalvageIsCaught() {
        assertThat(violations(Bug.NO_SALVAGE)).anyMatch(v -> v.contains("I5:"));
    }

    /** A storm that never kills a server with its runner proves nothing about L44. */
    @Test
    void aLeaderWhoseServerIsGoneWithItsRunnerIsAmongTheStorms() {
        var storms = LongStream.range(0, MOST_SEEDS).mapToObj(seed -> Storm.run(seed, Set.of()));
        assertThat(storms.flatMap(s -> s.nodes().stream()))
                .anyMatch(node -> node.rules().contains(Rule.L44_GONE.id()));
    }

    /** Of the first seed that shows any. */
    private static List<String> violations(Bug bug) {
        return LongStream.range(0, MOST_SEEDS)
                .mapToObj(seed -> Storm.run(seed, EnumSet.of(bug)).checker.violations())
                .filter(all -> all.stream().anyMatch(v -> v.matches("(?s).*I[125]:.*")))
                .findFirst()
                .orElse(List.of());
    }
}
