package io.kumki.core.policy;

import io.kumki.core.model.LocalServer;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Runner;
import io.kumki.core.model.Settings.OnCrash;
import io.kumki.core.model.View;
import java.util.List;
import java.util.Optional;

/**
 * Somebody leads and nobody writes: why, what ends it by itself, and what an operator can do. For
 * commands that would otherwise only name each other.
 */
public final class Standstill {
    private Standstill() {}

    /** One to three sentences; empty if nobody leads, or if the leader accepts writes. */
    public static Optional<String> of(View view) {
        return view.leader()
                .flatMap(
                        leader ->
                                trouble(view, leader).map(what -> what + ". " + end(view, leader)));
    }

    private static Optional<String> trouble(View view, NodeId leader) {
        if (leader.equals(view.self())) {
            return trouble(leader, view.local().server(), view.local().runner(), view);
        }
        return view.peer(leader)
                .map(p -> trouble(leader, p.server(), p.runner(), view))
                .orElseGet(() -> Optional.of(leader + " leads and its agent is not heard"));
    }

    private static Optional<String> trouble(
            NodeId leader, LocalServer server, Runner runner, View view) {
        long term = view.register().map(r -> r.tenure().term()).orElse(0L);
        var what =
                switch (server) {
                    case Primary p -> "";
                    case LocalServer.Unreachable u when u.writes(runner, term) -> "";
                    case LocalServer.Unreachable u -> "does not answer: " + u.reason();
                    case LocalServer.Starting s ->
                            "starts or recovers, for %d s now".formatted(s.since() / 1000);
                    case LocalServer.Stopping s ->
                            "stops, for %d s now".formatted(s.since() / 1000);
                    case LocalServer.Replica r -> "is being promoted";
                    case LocalServer.Stopped s -> "is down " + runner.error();
                    case LocalServer.Empty e -> "has no data directory";
                };
        return what.isEmpty()
                ? Optional.empty()
                : Optional.of("%s leads and its server %s".formatted(leader, what.strip()));
    }

    private static String end(View view, NodeId leader) {
        var now =
                "To end it now stop that node, agent and runner: after its lease (%d s) "
                        .formatted(view.settings().timing().ttl() / 1000);
        var successor = Candidacy.failoverTarget(view);
        if (successor.isEmpty()) {
            return "Nobody is safe to take over: %s. %s`kumki failover NODE` accepts the loss"
                    .formatted(objections(view), now + "nobody leads, and ");
        }
        boolean free =
                view.register().filter(r -> r.wishes().paused()).isEmpty()
                        && view.settings().onCrash() == OnCrash.FAILOVER;
        return (free
                        ? "%s is safe and takes over when `patience` (%d s) is over. "
                                .formatted(
                                        successor.get(), view.settings().timing().patience() / 1000)
                        : successor.get()
                                + " is safe and does not take over by itself: the cluster is"
                                + " paused, or `on-crash` is restart. ")
                + now
                + successor.get()
                + " leads";
    }

    private static String objections(View view) {
        List<String> objections = Candidacy.objections(view);
        return objections.isEmpty() ? "no other standby is up" : String.join("; ", objections);
    }
}
