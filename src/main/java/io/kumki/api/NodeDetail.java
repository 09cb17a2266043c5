package io.kumki.api;

import io.kumki.agent.Report;
import io.kumki.agent.Snapshot;
import io.kumki.core.model.Lease;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * The answering agent's own node; docs/API.md.
 *
 * @param lease as its last tick saw it, in words
 * @param leaseRemaining milliseconds of our lease at that tick; 0 if it is not ours
 * @param took milliseconds of that tick
 * @param report what it tells its peers
 */
@RegisterForReflection
public record NodeDetail(
        NodeView node, String lease, long leaseRemaining, long took, Report report) {

    static NodeDetail of(Snapshot snapshot) {
        var own = snapshot.reports().get(0);
        var lease = snapshot.view().lease();
        return new NodeDetail(
                NodeView.of(snapshot, own),
                lease.toString(),
                lease instanceof Lease.Mine mine ? mine.remaining() : 0,
                snapshot.took(),
                own);
    }
}
