package io.kumki.sim;

import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Episode;
import io.kumki.core.model.Mode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Watches the invariants of DESIGN.md, section 2, from outside of all nodes. */
final class Checker {
    private static final int TRACED = 150;

    private final SimCluster cluster;
    private final List<String> violations = new ArrayList<>();
    private final Deque<String> trace = new ArrayDeque<>();
    private final List<Wal.Entry> acknowledged = new ArrayList<>();
    private final Set<Long> lost = new HashSet<>();
    private final Map<Wal.Entry, Long> lostInTerm = new HashMap<>();
    private int openings;
    private int acknowledgements;

    Checker(SimCluster cluster) {
        this.cluster = cluster;
    }

    List<String> violations() {
        return violations;
    }

    void violated(String what) {
        violations.add("at " + cluster.time.now() + ": " + what);
        note("VIOLATION " + what);
    }

    void violated(String what, Throwable cause) {
        violated(what + " in " + List.of(cause.getStackTrace()).subList(0, 1));
    }

    void note(String line) {
        trace.add("%7d %s".formatted(cluster.time.now(), line));
        if (trace.size() > TRACED) {
            trace.remove();
        }
    }

    int acknowledgements() {
        return acknowledgements;
    }

    int openings() {
        return openings;
    }

    long lostCommits() {
        return lost.size();
    }

    /** I1, after every event. */
    void look() {
        SimNode writer = null;
        for (var node : cluster.dataNodes()) {
            if (node.server.writable() && !cluster.foreign(node) && !node.thawing()) {
                if (writer != null) {
                    violated("I1: %s and %s both accept writes".formatted(writer.name, node.name));
                }
                writer = node;
            }
        }
    }

    /** I2 and I4, whenever a server begins to accept writes. */
    void opened(SimServer server) {
        openings++;
        if (cluster.foreign(server.node)) {
            return;
        }
        if (!server.node.leaseRuns()) {
            violated("I4: " + server.node.name + " opens for writes without a lease that runs");
        }
        requireLease(server, "opens");
        var held = new HashSet<Long>();
        server.wal.entries().forEach(e -> held.add(e.id()));
        for (var commit : acknowledged) {
            if (!held.contains(commit.id()) && lost.add(commit.id())) {
                lose(server, commit);
            }
        }
    }

    private void lose(SimServer server, Wal.Entry commit) {
        lostInTerm.put(commit, server.node.leaseTerm());
        if (cluster.mode() == Mode.SYNC && !cluster.lossAccepted() && violations.isEmpty()) {
            violated(
                    "I2: %s opens in term %d without the acknowledged commit %s"
                            .formatted(server.node.name, server.node.leaseTerm(), commit));
        }
    }

    private void requireLease(SimServer server, String what) {
        long armed = server.node.runner.armed();
        if (armed == 0 || armed > server.node.leaseTerm()) {
            violated(
                    "I4: %s %s, armed for term %d, its lease is of term %d"
                            .formatted(server.node.name, what, armed, server.node.leaseTerm()));
        }
    }

    void acknowledged(SimServer server, Wal.Entry commit) {
        acknowledgements++;
        if (cluster.foreign(server.node)) {
            return;
        }
        if (!server.node.leaseRuns() && server.node.thawing()) {
            thawed(server, commit);
            return;
        }
        acknowledged.add(commit);
        if (!server.node.leaseRuns()) {
            violated("I1: " + server.node.name + " acknowledges a commit after its lease");
        }
    }

    /** Only where no commit waits for a standby can one come through: it may be lost in async. */
    private void thawed(SimServer server, Wal.Entry commit) {
        note("%s acknowledges %s while it thaws".formatted(server.node.name, commit));
        if (cluster.mode() == Mode.SYNC) {
            acknowledged.add(commit);
        }
    }

    /** At the end: all that was acknowledged is on the leader, or within the receipt. */
    void conclude(SimServer leader, ClusterRecord record) {
        var held = new HashSet<Long>();
        leader.wal.entries().forEach(e -> held.add(e.id()));
        for (var commit : acknowledged) {
            if (!held.contains(commit.id()) && !lost.contains(commit.id())) {
                violated("I2: acknowledged commit %s is gone at the end".formatted(commit));
            }
            if (!held.contains(commit.id()) && isNowhere(commit)) {
                violated("I5: acknowledged commit %s is kept nowhere".formatted(commit));
            }
        }
        // A later leader may have had what an earlier one lacked.
        lostInTerm.keySet().removeIf(commit -> held.contains(commit.id()));
        record.history().forEach(this::compare);
    }

    private boolean isNowhere(Wal.Entry commit) {
        return cluster.dataNodes().stream().noneMatch(n -> n.keepsakes.hold(commit.id()));
    }

    private void compare(Episode episode) {
        long actual =
                lostInTerm.entrySet().stream()
                        .filter(lost -> lost.getValue() == episode.term())
                        .mapToLong(lost -> lost.getKey().end() - lost.getKey().start())
                        .sum();
        episode.opened()
                .filter(o -> o.measured() && o.lostBytes() < actual)
                .ifPresent(
                        o ->
                                violated(
                                        "I2: term %d lost %d bytes, its receipt says %d"
                                                .formatted(episode.term(), actual, o.lostBytes())));
    }

    String report() {
        return """
                %s
                seed %d, %s; replay with -Dsim.seed=%d
                %s
                """
                .formatted(
                        String.join("\n", violations.subList(0, Math.min(5, violations.size()))),
                        cluster.seed(),
                        cluster.shape(),
                        cluster.seed(),
                        String.join("\n", trace));
    }
}
