package io.kumki.boot;

import io.kumki.api.Asked;
import io.kumki.core.model.NodeId;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What was asked of the leader. */
record Wanted(Optional<NodeId> to, boolean force, Asked by) {
    Map<String, Object> body() {
        var body = new TreeMap<String, Object>();
        to.ifPresent(node -> body.put("to", node.name()));
        body.put("force", force);
        if (!by.reason().isEmpty()) {
            body.put("reason", by.reason());
        }
        return body;
    }

    /** What an operator is told when the leader was asked and said nothing. */
    static String unanswered(NodeId leader, Throwable failure) {
        return ("%s leads and gave no answer (%s), so whether the switchover has begun is not"
                        + " known; see `kumki status`, then ask again")
                .formatted(leader, failure.getMessage());
    }
}
