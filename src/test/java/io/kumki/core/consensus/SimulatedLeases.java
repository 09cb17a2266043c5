package io.kumki.core.consensus;

import java.util.Map;
import java.util.TreeMap;

/** Sees all leases in true time, as no node can, and says when two are valid at once. */
final class SimulatedLeases {

    private record Span(int term, long until) {}

    private final SimulatedCluster cluster;
    private final Map<String, Span> spans = new TreeMap<>();

    SimulatedLeases(SimulatedCluster cluster) {
        this.cluster = cluster;
    }

    /** A node has just learnt that its server may write until this instant of its own clock. */
    void granted(SimulatedNode node, int term, long killClock) {
        long now = cluster.time.now();
        long until = node.trueTimeOf(killClock);
        if (until <= now) {
            return;
        }
        spans.forEach(
                (other, span) -> {
                    if (!other.equals(node.name()) && span.until() > now) {
                        cluster.history.violated(
                                "at %d %s got the lease, and %s has it until %d"
                                        .formatted(now, node.name(), other, span.until()));
                    }
                });
        var before = spans.get(node.name());
        if (before == null || before.term() != term) {
            cluster.history.committed("", -1);
        }
        spans.put(
                node.name(),
                new Span(term, before == null ? until : Math.max(until, before.until())));
    }

    /** The node stopped its server. */
    void ended(SimulatedNode node) {
        spans.remove(node.name());
    }

    long holders() {
        return spans.values().stream().filter(span -> span.until() > cluster.time.now()).count();
    }
}
