package io.kumki.core.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.agent.port.Register;
import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EmbeddedRegisterTest {

    private final SimulatedCluster cluster = new SimulatedCluster(1, 3, value -> "", Set.of());
    private RegisterContract contract;

    @BeforeEach
    void form() {
        cluster.start(node -> {});
        cluster.time.runUntil(500);
        contract = new RegisterContract(register(0), register(1), this::await);
    }

    @Test
    void isBlankAtFirst() {
        contract.isBlankAtFirst();
    }

    @Test
    void writesOnlyIfBlankWhenNothingIsExpected() {
        contract.writesOnlyIfBlankWhenNothingIsExpected();
    }

    @Test
    void writesOnlyOverTheExactValue() {
        contract.writesOnlyOverTheExactValue();
    }

    @Test
    void conflictsOnABlankRegisterWhenAValueIsExpected() {
        contract.conflictsOnABlankRegisterWhenAValueIsExpected();
    }

    @Test
    void runsCallsOneAfterTheOther() {
        List<Outcome> outcomes = new ArrayList<>();
        register(0).compareAndSet(Optional.empty(), "a").subscribe().with(outcomes::add);
        register(0).compareAndSet(Optional.of("a"), "b").subscribe().with(outcomes::add);
        cluster.time.runUntil(cluster.time.now() + 2_000);
        assertThat(outcomes).hasSize(2).allMatch(one -> one instanceof Outcome.Committed);
    }

    @Test
    void withoutAMajorityItIsUndecidedAtTheDeadline() {
        cluster.isolate("n1");
        long before = cluster.time.now();
        assertThat(await(register(0).read())).isInstanceOf(Outcome.Undecided.class);
        assertThat(cluster.time.now() - before).isBetween(900L, 1_100L);
    }

    private Register register(int node) {
        return cluster.nodes().get(node).register();
    }

    private Outcome await(Uni<Outcome> uni) {
        List<Outcome> outcomes = new ArrayList<>();
        uni.subscribe().with(outcomes::add);
        while (outcomes.isEmpty()) {
            assertThat(cluster.time.step()).isTrue();
        }
        return outcomes.get(0);
    }
}
