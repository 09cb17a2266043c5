package io.kumki.api;

import io.kumki.agent.Report;
import io.kumki.agent.Snapshot;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Safety;
import io.kumki.core.model.View;
import io.kumki.core.model.Wishes;
import io.kumki.core.policy.Candidacy;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The cluster, as one agent sees it; docs/API.md. Text is empty where nothing is known.
 *
 * @param term 0 before the cluster was founded
 * @param leader who holds the lease now
 * @param leaderAddress where its PostgreSQL listens
 * @param mode SYNC or ASYNC
 * @param safe who may be promoted without loss, the leader included; of use in SYNC only
 * @param switchover "n1 to n2" while one is pending
 * @param forced whom an operator's `failover` names, until it leads
 * @param failoverTarget who would be promoted if the leader failed now
 * @param objections why the standbys that were heard can't be promoted
 * @param seenBy the agent that answers
 * @param at milliseconds since 1970 on its clock
 */
@RegisterForReflection
public record ClusterView(
        String cluster,
        String systemId,
        long term,
        String leader,
        String leaderAddress,
        String mode,
        List<String> safe,
        boolean paused,
        String switchover,
        String forced,
        String failoverTarget,
        List<String> objections,
        List<NodeView> nodes,
        String seenBy,
        long at) {
    public ClusterView {
        safe = List.copyOf(safe);
        objections = List.copyOf(objections);
        nodes = List.copyOf(nodes);
    }

    public static ClusterView of(Snapshot snapshot) {
        var view = snapshot.view();
        var known = view.register();
        var leader = view.leader();
        var safety = known.map(ClusterRecord::safety);
        var wishes = known.map(ClusterRecord::wishes).orElse(Wishes.NONE);
        return new ClusterView(
                view.settings().cluster(),
                known.map(ClusterRecord::systemId).orElse(""),
                known.map(r -> r.tenure().term()).orElse(0L),
                text(leader),
                leader.flatMap(node -> address(view, node)).orElse(""),
                safety.map(Safety::mode).orElse(view.settings().mode()).name(),
                safety.stream().flatMap(s -> s.safe().stream()).map(NodeId::name).sorted().toList(),
                wishes.paused(),
                wishes.switchover().map(s -> s.from() + " to " + s.to()).orElse(""),
                text(wishes.forced()),
                text(Candidacy.failoverTarget(view)),
                Candidacy.objections(view),
                nodes(snapshot),
                view.self().name(),
                snapshot.at());
    }

    private static String text(Optional<NodeId> node) {
        return node.map(NodeId::name).orElse("");
    }

    private static Optional<String> address(View view, NodeId node) {
        return node.equals(view.self())
                ? Optional.of(view.local().address().toString())
                : view.peer(node).map(p -> p.address().toString());
    }

    private static List<NodeView> nodes(Snapshot snapshot) {
        var heard = snapshot.reports().stream().map(Report::node).toList();
        var silent = snapshot.view().members().stream().filter(m -> !heard.contains(m));
        return Stream.concat(
                        snapshot.reports().stream().map(r -> NodeView.of(snapshot, r)),
                        silent.map(m -> NodeView.unheard(snapshot.view(), m)))
                .sorted(Comparator.comparing(NodeView::name))
                .toList();
    }
}
