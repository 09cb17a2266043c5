package io.kumki.cli;

import io.kumki.api.ClusterView;
import io.kumki.api.NodeView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Follows one switchover from view to view. */
final class SwitchoverWatch {
    /** Longer than any agent needs to see a wish that is in the register. */
    private static final long UNSEEN_MILLIS = 5000;

    private final ClusterView before;
    private final String to;
    private final Map<String, String> rules = new HashMap<>();
    private boolean pendingSeen;

    /** How it stands. */
    sealed interface Standing {}

    record UnderWay() implements Standing {}

    record Done(String leader) implements Standing {}

    record Failed(String reason) implements Standing {}

    /**
     * @param to the wanted leader; empty text: anyone
     */
    SwitchoverWatch(ClusterView before, String to) {
        this.before = before;
        this.to = to;
        before.nodes().forEach(n -> rules.put(n.name(), n.rule()));
    }

    /** A line for each node that decides by another rule than in the view before. */
    List<String> news(ClusterView now, long millis) {
        var lines = new ArrayList<String>();
        for (var node : now.nodes()) {
            boolean concerned =
                    node.name().equals(before.leader()) || to.isEmpty() || node.name().equals(to);
            var last = rules.put(node.name(), node.rule());
            if (concerned && node.heard() && !node.rule().equals(last)) {
                lines.add(
                        "%6s  %s %s: %s"
                                .formatted(
                                        Units.seconds(millis),
                                        node.name(),
                                        node.rule(),
                                        node.because()));
            }
        }
        return lines;
    }

    Standing judge(ClusterView now, long millis) {
        pendingSeen |= !now.switchover().isEmpty();
        if (!now.switchover().isEmpty() || !accepting(now)) {
            return new UnderWay();
        }
        if (now.leader().equals(before.leader())) {
            return pendingSeen || millis > UNSEEN_MILLIS || now.term() > before.term()
                    ? new Failed(dropped(now))
                    : new UnderWay();
        }
        if (now.term() <= before.term()) {
            return new UnderWay();
        }
        return to.isEmpty() || now.leader().equals(to)
                ? new Done(now.leader())
                : new Failed("%s leads instead of %s".formatted(now.leader(), to));
    }

    private static String dropped(ClusterView now) {
        return ("the switchover was dropped: %s still leads, term %d. Nothing is lost."
                        + " `kumki status` shows why the target is not fit.")
                .formatted(now.leader(), now.term());
    }

    private static boolean accepting(ClusterView now) {
        return now.nodes().stream()
                .filter(n -> n.name().equals(now.leader()))
                .map(NodeView::server)
                .anyMatch("primary"::equals);
    }
}
