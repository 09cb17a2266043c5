package io.kumki.api;

import io.kumki.agent.Snapshot;
import io.kumki.agent.StatusBoard;
import io.kumki.agent.port.Clock;
import io.kumki.core.model.LocalServer.Replica;
import io.kumki.core.routing.ReplicaFitness;
import io.quarkus.runtime.Startup;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Remembers, for each {@code ?lag=} that balancers ask for, whether our replica exceeded it lately:
 * it is withdrawn at once and returns after a while under half of the limit.
 */
@Startup
@Singleton
public final class LagWatch {
    /** Balancers ask for one or two; anybody may ask for any. */
    private static final int KEPT = 32;

    private final Clock clock;
    private final Duration returnAfter;
    private final Map<LagLimit, ReplicaFitness> watched = new ConcurrentHashMap<>();

    public LagWatch(StatusBoard board, Clock clock, ReplicaFitness.Limits limits) {
        this.clock = clock;
        this.returnAfter = limits.returnAfter();
        board.tell(this::look);
    }

    /** From now on that limit is watched; without one, whether replay stands still. */
    void note(LagLimit limit) {
        if (watched.size() < KEPT) {
            watched.computeIfAbsent(limit, this::fresh);
        }
    }

    private ReplicaFitness fresh(LagLimit limit) {
        return ReplicaFitness.start(
                new ReplicaFitness.Limits(
                        limit.bytes().orElse(Long.MAX_VALUE),
                        Duration.ofMillis(limit.millis().orElse(Long.MAX_VALUE)),
                        returnAfter));
    }

    private void look(Snapshot snapshot) {
        watched.replaceAll((limit, fitness) -> judged(snapshot, limit, fitness));
    }

    /** A server that is no replica now begins anew when it is one. */
    private ReplicaFitness judged(Snapshot snapshot, LagLimit limit, ReplicaFitness before) {
        var view = snapshot.view();
        if (!(view.local().server() instanceof Replica replica)) {
            return fresh(limit);
        }
        var behind = Trail.bytes(view, replica);
        if (limit.bytes().isPresent() && behind.isEmpty()) {
            return before;
        }
        return before.after(
                new ReplicaFitness.Sample(
                        limit.millis().isEmpty() || replica.streaming(),
                        behind.orElse(0),
                        Optional.of(snapshot.routing().age(replica)),
                        snapshot.routing().stopped(replica),
                        clock.uptime()));
    }

    /** Limits that our replica is not trusted with yet, and why. */
    Map<LagLimit, String> withheld() {
        return watched.entrySet().stream()
                .filter(e -> e.getValue().verdict() instanceof ReplicaFitness.Withdrawn)
                .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().verdict().reason()));
    }
}
