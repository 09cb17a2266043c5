package io.kumki.cli;

import io.kumki.api.ClusterView;
import io.kumki.api.NodeView;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The status of a cluster as lines of at most 80 columns, where no single word is longer. */
final class StatusTable {
    private StatusTable() {}

    static List<String> lines(ClusterView cluster) {
        var lines = new ArrayList<String>();
        lines.addAll(Table.wrap(headline(cluster), "  "));
        cluster.outlook().forEach(sentence -> lines.addAll(Table.wrap(sentence, "  ")));
        lines.addAll(wishes(cluster));
        lines.add("");
        lines.addAll(nodes(cluster));
        lines.add("");
        for (var node : cluster.nodes()) {
            lines.addAll(Table.wrap(because(node), "  "));
        }
        return lines;
    }

    private static String headline(ClusterView cluster) {
        var leader =
                cluster.leader().isEmpty()
                        ? "no leader"
                        : "leader %s (%s)".formatted(cluster.leader(), cluster.leaderAddress());
        return "Cluster %s: %s, term %d, %s; seen by %s"
                .formatted(
                        cluster.cluster(),
                        leader,
                        cluster.term(),
                        cluster.mode().toLowerCase(Locale.ROOT),
                        cluster.seenBy());
    }

    private static List<String> wishes(ClusterView cluster) {
        var lines = new ArrayList<String>();
        if (cluster.paused()) {
            lines.add("PAUSED: nobody is promoted or rejoined by itself; `kumki resume` ends it.");
        }
        if (!cluster.switchover().isEmpty()) {
            lines.add("Switchover from " + cluster.switchover() + " is under way.");
        }
        if (!cluster.forced().isEmpty()) {
            lines.add("Forced failover to " + cluster.forced() + " waits for the lease.");
        }
        return lines;
    }

    private static List<String> nodes(ClusterView cluster) {
        var table = new Table("NAME", "ROLE", "SERVER", "TL", "LAG", "SYNC", "RULE");
        for (var node : cluster.nodes()) {
            table.row(
                    node.name(),
                    node.role(),
                    server(node),
                    node.timeline() == 0 ? "-" : String.valueOf(node.timeline()),
                    lag(node),
                    node.sync() ? "yes" : "-",
                    node.rule().isEmpty() ? "-" : node.rule());
        }
        return table.lines();
    }

    private static String server(NodeView node) {
        if (!node.work().isEmpty()) {
            return node.work();
        }
        if (node.server().equals("replica")) {
            return node.streaming() ? "streaming" : "no stream";
        }
        return node.server().isEmpty() ? "-" : node.server();
    }

    private static String lag(NodeView node) {
        if (!node.server().equals("replica")) {
            return "-";
        }
        return node.lagBytes() < 0 ? "unknown" : Units.bytes(node.lagBytes());
    }

    private static String notes(NodeView node) {
        return node.notes().stream()
                .filter(note -> !note.equals(node.because()))
                .map(note -> "; " + note)
                .collect(Collectors.joining());
    }

    private static String because(NodeView node) {
        var vote = node.voter().isEmpty() || node.voter().equals("VOTING");
        return node.name()
                + ": "
                + (node.because().isEmpty() ? "no decision yet" : node.because())
                + (vote ? "" : "; does not vote, " + node.voter())
                + (List.of("", "on", "off").contains(node.archive()) ? "" : "; " + node.archive())
                + (node.kept().isEmpty()
                        ? ""
                        : "; keeps %s (%s), which may hold commits that nobody else has"
                                .formatted(node.kept(), Units.bytes(node.keptBytes())))
                + notes(node);
    }
}
