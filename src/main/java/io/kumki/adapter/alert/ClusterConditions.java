package io.kumki.adapter.alert;

import static java.util.function.Predicate.not;

import io.kumki.adapter.alert.Alert.Severity;
import io.kumki.adapter.alert.Condition.Speaker;
import io.kumki.agent.Report;
import io.kumki.agent.Snapshot;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Episode.Cause;
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

    /** A restart of an agent takes less. */
    private static final long UNCOVERED = 30_000;

    /**
     * The receipt has told that nobody stands by; who comes back by itself is no news until then.
     */
    private static final long REJOIN = 60_000;

    /** A new cluster has no standby yet, and cloning one takes time. */
    private static final long FOUNDING = 600_000;

    private static final long NEVER = Long.MAX_VALUE;
    private static final long FORMING = 60_000;

    private ClusterConditions() {}

    /**
     * @param standbys other nodes that have a server
     * @param whole a standby has streamed since this agent's start
     */
    static Stream<Condition> of(Snapshot now, Set<NodeId> standbys, boolean whole) {
        var view = now.view();
        var conditions = new ArrayList<Condition>();
        conditions.add(paused(view));
        long hold = hold(now, whole);
        var degraded = degraded(view, standbys, hold);
        conditions.add(degraded);
        conditions.add(leaderless(now));
        conditions.add(silent(now));
        conditions.add(uncovered(now));
        // That nobody is safe says it already, with the names: one message for one fact.
        long apart = degraded.active() ? NEVER : hold;
        standbys.forEach(node -> conditions.add(away(view, node, apart)));
        return conditions.stream();
    }

    /** How long a standby may be away before it is news. */
    private static long hold(Snapshot now, boolean whole) {
        return now.view()
                .register()
                .flatMap(ClusterRecord::latest)
                .map(
                        latest -> {
                            long age = now.at() - latest.at();
                            boolean founding =
                                    !whole
                                            && (latest.cause() == Cause.BOOTSTRAP
                                                    || latest.cause() == Cause.ADOPTION);
                            long until = founding ? FOUNDING : REJOIN;
                            return age >= 0 && age < until ? until : SETTLED;
                        })
                .orElse(NEVER);
    }

    /** Some standby streams from the leader. */
    static boolean streams(View view) {
        boolean ours =
                view.local().server() instanceof Primary primary
                        && primary.walsenders().stream().anyMatch(Walsender::streaming);
        return ours
                || view.peers().stream()
                        .anyMatch(p -> p.server() instanceof Replica r && r.streaming());
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
    private static Condition degraded(View view, Set<NodeId> standbys, long hold) {
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
                hold,
                0,
                leader(view),
                Alert.of(
                        "sync-degraded",
                        Severity.WARNING,
                        "no standby is safe to promote",
                        "Commits go on without waiting for a standby; if the leader fails now, "
                                + "nobody takes over by itself."
                                + absent(view, standbys)),
                Optional.of(
                        Alert.of(
                                        "sync-restored",
                                        Severity.INFO,
                                        "safe to promote again: " + names(safe),
                                        "Every commit waits for it.")
                                .with("safe", names(safe))));
    }

    /** Who does not stream, and whether its agent answers. */
    private static String absent(View view, Set<NodeId> standbys) {
        return standbys.stream()
                .sorted()
                .filter(node -> !streams(view, node))
                .map(
                        node ->
                                "\n%s does not stream; its agent %s."
                                        .formatted(node, answers(view, node)))
                .collect(Collectors.joining());
    }

    /** Seen by the leader's own server: what it streams to counts, not what an agent says. */
    private static boolean streams(View view, NodeId member) {
        return view.local().server() instanceof Primary primary
                ? primary.walsenders().stream()
                        .filter(Walsender::streaming)
                        .anyMatch(w -> w.name().equals(member.name()))
                : view.peer(member)
                        .filter(p -> p.server() instanceof Replica r && r.streaming())
                        .isPresent();
    }

    private static String answers(View view, NodeId member) {
        return view.peer(member).isPresent() ? "answers" : "does not answer";
    }

    private static Condition away(View view, NodeId member, long hold) {
        boolean leader = view.register().filter(r -> r.heldBy(member)).isPresent();
        return new Condition(
                "away:" + member,
                !streams(view, member) && !leader,
                hold,
                0,
                leader(view),
                Alert.of(
                                "replica-lost",
                                Severity.WARNING,
                                member + " does not stream from the leader",
                                "Its agent %s. It rejoins by itself when it can."
                                        .formatted(answers(view, member)))
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
                // Agents that are started for the first time form while the last of them comes up.
                view.register().isPresent() ? LEADERLESS : FORMING,
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
                UNCOVERED,
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
