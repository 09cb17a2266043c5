package io.kumki.core.policy;

import io.kumki.core.model.Lease;
import io.kumki.core.model.Mode;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.View;
import io.kumki.core.policy.Outlook.Fault;
import io.kumki.core.policy.Outlook.Prospect;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** An outlook in sentences: what holds now, and what to do if nobody can lead. */
final class OutlookText {
    private OutlookText() {}

    static List<String> sentences(View view, Outlook outlook) {
        if (!outlook.majority()) {
            return noMajority(view, outlook);
        }
        return switch (view.lease()) {
            case Lease.Mine mine -> prospects(outlook);
            case Lease.Theirs theirs -> prospects(outlook);
            case Lease.Free free -> noLeader(view, outlook);
            case Lease.Blank blank -> List.of("NO LEADER: the cluster is not founded yet.");
            case Lease.Unknown unknown -> List.of("NO LEADER: " + unknown.reason() + ".");
        };
    }

    private static List<String> noMajority(View view, Outlook outlook) {
        var voting = outlook.voting();
        var until = outlook.leader().map(l -> " once the lease of " + l + " has ended").orElse("");
        int more = outlook.needed() - voting.size();
        return List.of(
                "NO MAJORITY: of %s %s; %d votes are needed."
                        .formatted(
                                names(outlook.voters()),
                                voting.isEmpty() ? "nobody votes" : "only " + votes(voting),
                                outlook.needed()),
                "Nobody may lead, and nobody can write%s.".formatted(until),
                "Bring back %s%s. %s"
                        .formatted(
                                more < outlook.missing().size() ? more + " of " : "",
                                names(outlook.missing()),
                                whoIsComplete(view)));
    }

    private static List<String> noLeader(View view, Outlook outlook) {
        if (outlook.next().isPresent()) {
            return List.of("NO LEADER now; %s may lead next.".formatted(outlook.next().get()));
        }
        var record = view.register().orElseThrow();
        return List.of(
                "NO LEADER, and nobody can lead: %s.".formatted(Outlook.objections(view, record)),
                whoIsComplete(view));
    }

    /** Who led last, and who else lacks nothing: one of them must be up. */
    private static String whoIsComplete(View view) {
        if (view.register().isEmpty()) {
            return "Who led last is not known here.";
        }
        var record = view.register().get();
        var last = record.tenure().holder();
        var others = new TreeSet<NodeId>();
        if (record.safety().mode() != Mode.ASYNC) {
            others.addAll(record.safety().safe());
            others.remove(last);
        }
        var there = others.stream().filter(n -> isHeard(view, n)).toList();
        if (isHeard(view, last)) {
            return last + " led last and is heard.";
        }
        if (!there.isEmpty()) {
            return "%s led last; %s is complete too and is heard.".formatted(last, names(there));
        }
        return others.isEmpty()
                ? last + " led last and must come back."
                : "%s led last: it must come back, or else %s, complete too."
                        .formatted(last, names(others));
    }

    private static boolean isHeard(View view, NodeId node) {
        return node.equals(view.self()) || view.peer(node).isPresent();
    }

    private static List<String> prospects(Outlook outlook) {
        var server = outlook.prospect(Fault.SERVER);
        var machine = outlook.prospect(Fault.MACHINE);
        var network = outlook.prospect(Fault.NETWORK);
        if (alike(server, machine) && alike(server, network)) {
            return List.of(
                    server.successor()
                            .map(to -> "A failover would promote " + to + ".")
                            .orElse("No failover is possible now: " + server.because() + "."));
        }
        if (outlook.prospects().stream().allMatch(p -> p.successor().isEmpty())) {
            return List.of(
                    "No failover is possible now: " + server.because() + ".",
                    "If a machine fails, also: " + machine.because() + ".");
        }
        var leader = outlook.last().map(NodeId::name).orElse("the leader");
        var lines = new ArrayList<String>();
        lines.add("If only PostgreSQL on %s fails, %s.".formatted(leader, then(server)));
        var fails = "If the machine of %s fails".formatted(leader);
        if (alike(machine, network)) {
            lines.add("%s or is cut off, %s.".formatted(fails, then(machine)));
        } else {
            lines.add("%s, %s.".formatted(fails, then(machine)));
            lines.add("If it is cut off, %s.".formatted(then(network)));
        }
        return lines;
    }

    private static boolean alike(Prospect one, Prospect other) {
        return one.successor().equals(other.successor()) && one.because().equals(other.because());
    }

    private static String then(Prospect prospect) {
        return prospect.successor()
                .map(to -> to + " leads")
                .orElse("nobody leads: " + prospect.because());
    }

    private static String votes(Collection<NodeId> nodes) {
        return names(nodes) + (nodes.size() == 1 ? " votes" : " vote");
    }

    static String names(Collection<NodeId> nodes) {
        return nodes.stream().map(NodeId::name).collect(Collectors.joining(", "));
    }
}
