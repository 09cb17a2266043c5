package io.kumki.agent;

import io.kumki.core.model.Decision;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.View;
import io.kumki.core.routing.Routing;
import java.util.List;

/**
 * One finished tick.
 *
 * @param reports what the peers said, ours first
 * @param routing where clients are led
 * @param at milliseconds since 1970, for people
 * @param took milliseconds of the tick
 */
public record Snapshot(
        View view, Decision decision, List<Report> reports, Routing routing, long at, long took) {
    public Snapshot {
        reports = List.copyOf(reports);
    }

    /** Who was heard and votes, this node included if it does. */
    public List<NodeId> votes() {
        return reports.stream().filter(r -> r.voter().votes()).map(Report::node).toList();
    }
}
