package io.kumki.adapter.alert;

import static java.util.function.Predicate.not;

import io.kumki.adapter.alert.Alert.Severity;
import io.kumki.adapter.alert.Condition.Speaker;
import io.kumki.agent.Report;
import io.kumki.agent.Snapshot;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Lease;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.LocalServer.Replica;
import io.kumki.core.model.LocalServer.Walsender;
import io.kumki.core.model.Mode;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.View;
import io.kumki.core.policy.Candidacy;
import io.kumki.core.policy.Outlook;
import io.kumki.core.policy.Outlook.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What concerns the whole cluster and is told by one agent. */
final class ClusterConditions {
    private static final long SETTLED = 5_000;
    private static final long LEADERLESS = 10_000;

    private ClusterConditions() {}

    /**
     * @param standbys other nodes that have a server
     */
    static Stream<Condition> of(Snapshot now, Set<NodeId> standbys) {
        var view = now.view();
        var conditions = new ArrayList<Condition>();
        conditions.add(paused(view));
        conditions.add(degraded(view));
        conditions.add(leaderless(now));
        conditions.add(silent(now));
        conditions.add(uncovered(now));
        standbys.forEach(node -> conditions.add(away(view, node)));
        return conditions.stream();
    }

    private static Speaker leader(View view) {
        return view.lease() instanceof Lease.Mine ? Speaker.US : Speaker.ANOTHER;
    }

    private static Condition paused(View view) {
        return new Condition(
                "paused",
                view.register().map(r -> r.wishes().paused()).orElse(false),
                0,
                0,
                leader(view),
                Alert.of(
                        "paused",
                        Severity.WARNING,
                        "paused by an operator",
                        "No failover, promotion or rejoin by itself until `kumki resume`. A leader"
                                + " whose server crashes is still started where it is."),
                Optional.of(
                        Alert.of(
                                "resumed",
                                Severity.INFO,
                                "resumed by an operator",
                                "Failover is automatic again.")));
    }

    /** In mode SYNC nobody but the leader holds every acknowledged commit. */
    private static Condition degraded(View view) {
        var safe =
                view
                        .register()
                        .filter(r -> r.safety().mode() == Mode.SYNC)
                        .map(ClusterRecord::safety)
                        .stream()
                        .flatMap(s -> s.safe().stream())
                        .filter(not(n -> view.register().orElseThrow().heldBy(n)))
                        .sorted()
                        .toList();
        boolean sync = view.register().map(r -> r.safety().mode() == Mode.SYNC).orElse(false);
        return new Condition(
                "sync-degraded",
                sync && safe.isEmpty(),
                SETTLED,
                0,
                leader(view),
                Alert.of(
                        "sync-degraded",
                        Severity.WARNING,
                        "no standby is safe to promote",
                        "Commits go on without waiting for a standby; if the leader fails now, "
                                + "nobody takes over by itself."),
                Optional.of(
                        Alert.of(
                                        "sync-restored",
                                        Severity.INFO,
                                        "safe to promote again: " + names(safe),
                                        "Every commit waits for it.")
                                .with("safe", names(safe))));
    }

    /** Seen by the leader's own server: what it streams to counts, not what an agent says. */
    private static Condition away(View view, NodeId member) {
        boolean streams =
                view.local().server() instanceof Primary primary
                        ? primary.walsenders().stream()
                                .filter(Walsender::streaming)
                                .anyMatch(w -> w.name().equals(member.name()))
                        : view.peer(member)
                                .filter(p -> p.server() instanceof Replica r && r.streaming())
                                .isPresent();
        boolean leader = view.register().filter(r -> r.heldBy(member)).isPresent();
        var heard = view.peer(member).isPresent() ? "answers" : "does not answer";
        return new Condition(
                "away:" + member,
                !streams && !leader,
                SETTLED,
                0,
                leader(view),
                Alert.of(
                                "replica-lost",
                                Severity.WARNING,
                                member + " does not stream from the leader",
                                "Its agent %s. It rejoins by itself when it can.".formatted(heard))
                        .with("replica", member),
                Optional.of(
                        Alert.of(
                                        "replica-returned",
                                        Severity.INFO,
                                        member + " streams from the leader again",
                                        "It may read, and it catches up by itself.")
                                .with("replica", member)));
    }

    private static Condition leaderless(Snapshot now) {
        var view = now.view();
        return new Condition(
                "leaderless",
                view.lease() instanceof Lease.Free,
                LEADERLESS,
                0,
                first(view),
                Alert.of(
                        "no-leader",
                        Severity.CRITICAL,
                        "no leader: nobody can be promoted",
                        told(now) + verdicts(now) + unheard(view)),
                Optional.of(
                        Alert.of(
                                "leader-found",
                                Severity.INFO,
                                "there is a leader again",
                                "See `kumki status`.")));
    }

    private static Condition silent(Snapshot now) {
        var view = now.view();
        return new Condition(
                "no-majority",
                view.lease() instanceof Lease.Unknown,
                LEADERLESS,
                0,
                first(view),
                Alert.of(
                        "no-majority",
                        Severity.CRITICAL,
                        view.self() + " reaches no majority of the voters",
                        told(now) + "\nOthers may lead where it can't see."),
                Optional.of(
                        Alert.of(
                                "majority-found",
                                Severity.INFO,
                                view.self() + " reaches a majority of the voters again",
                                "See `kumki status`.")));
    }

    /** A standby is fit, but without the leader's vote there would be no majority to elect it. */
    private static Condition uncovered(Snapshot now) {
        var view = now.view();
        var outlook = Outlook.of(view, now.votes());
        var missing = names(List.copyOf(outlook.missing()));
        return new Condition(
                "machine-not-covered",
                outlook.majority()
                        && outlook.prospect(Fault.SERVER).successor().isPresent()
                        && outlook.prospect(Fault.MACHINE).successor().isEmpty(),
                LEADERLESS,
                0,
                leader(view),
                Alert.of(
                                "machine-not-covered",
                                Severity.WARNING,
                                "if the leader's machine fails now, nobody can lead",
                                told(now))
                        .with("missing", missing),
                Optional.of(
                        Alert.of(
                                "machine-covered",
                                Severity.INFO,
                                "all that a failover needs is there again",
                                told(now))));
    }

    private static String told(Snapshot now) {
        return String.join("\n", Outlook.of(now.view(), now.votes()).sentences(now.view()));
    }

    /** The first by name of those who hear each other. */
    private static Speaker first(View view) {
        return view.peers().stream().noneMatch(p -> p.node().compareTo(view.self()) < 0)
                ? Speaker.US_TO_THE_END
                : Speaker.WHO_BEGAN;
    }

    /** What the nodes say where no standby was heard whose lack would be the reason. */
    private static String verdicts(Snapshot now) {
        if (!Candidacy.objections(now.view()).isEmpty()) {
            return "";
        }
        return now.reports().stream()
                .filter(r -> !r.body().witness())
                .map(r -> "\n" + verdict(r))
                .collect(Collectors.joining());
    }

    private static String verdict(Report report) {
        return "%s: %s, %s"
                .formatted(report.node(), report.verdict().rule(), report.verdict().because());
    }

    private static String unheard(View view) {
        var silent = view.members().stream().filter(m -> view.peer(m).isEmpty()).sorted().toList();
        return silent.isEmpty() ? "" : "\nNot heard: " + names(silent);
    }

    private static String names(List<NodeId> nodes) {
        return nodes.stream().map(NodeId::name).collect(Collectors.joining(", "));
    }
}
