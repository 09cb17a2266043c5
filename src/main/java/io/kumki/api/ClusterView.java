package io.kumki.api;

import io.kumki.agent.Report;
import io.kumki.agent.Snapshot;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Safety;
import io.kumki.core.model.View;
import io.kumki.core.model.Wishes;
import io.kumki.core.policy.Candidacy;
import io.kumki.core.policy.Outlook;
import io.kumki.core.policy.Outlook.Fault;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
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
 * @param last who leads or led last
 * @param majority whether enough voters vote, as far as this agent hears
 * @param missing voters that don't vote: not heard, or abstaining
 * @param failoverTarget who would be promoted if the leader's server failed now
 * @param failovers what each fault of the leader would lead to
 * @param objections why the standbys that were heard can't be promoted
 * @param outlook the same in sentences for people
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
        String last,
        boolean majority,
        List<String> missing,
        String failoverTarget,
        List<Failover> failovers,
        List<String> objections,
        List<String> outlook,
        List<NodeView> nodes,
        String seenBy,
        long at) {
    /**
     * @param fault server, machine or network
     * @param target who would lead then; empty if nobody would
     * @param because why nobody would
     */
    @RegisterForReflection
    public record Failover(String fault, String target, String because) {}

    public ClusterView {
        safe = List.copyOf(safe);
        missing = List.copyOf(missing);
        failovers = List.copyOf(failovers);
        outlook = List.copyOf(outlook);
        objections = List.copyOf(objections);
        nodes = List.copyOf(nodes);
    }

    public static ClusterView of(Snapshot snapshot) {
        var view = snapshot.view();
        var known = view.register();
        var leader = view.leader();
        var safety = known.map(ClusterRecord::safety);
        var wishes = known.map(ClusterRecord::wishes).orElse(Wishes.NONE);
        var outlook = outlook(snapshot);
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
                text(outlook.last()),
                outlook.majority(),
                outlook.missing().stream().map(NodeId::name).toList(),
                text(outlook.prospect(Fault.SERVER).successor()),
                outlook.prospects().stream().map(ClusterView::failover).toList(),
                Candidacy.objections(view),
                outlook.sentences(view),
                nodes(snapshot),
                view.self().name(),
                snapshot.at());
    }

    /** What each fault would lead to, by the voters that this agent hears. */
    static Outlook outlook(Snapshot snapshot) {
        return Outlook.of(snapshot.view(), snapshot.votes());
    }

    private static Failover failover(Outlook.Prospect prospect) {
        return new Failover(
                prospect.fault().name().toLowerCase(Locale.ROOT),
                text(prospect.successor()),
                prospect.because());
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
