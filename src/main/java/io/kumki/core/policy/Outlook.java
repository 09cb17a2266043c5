package io.kumki.core.policy;

import io.kumki.core.model.Action;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Lease;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Peer;
import io.kumki.core.model.View;
import io.kumki.core.model.Wishes;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What each fault of the leader would lead to now. No second set of rules: the policy itself
 * decides for each node in the view that this node would have after the fault.
 *
 * @param leader who holds the lease now
 * @param last who leads or led last; empty before the cluster was founded or if it is not known
 * @param voters all that have a vote
 * @param voting those of them that were heard and vote
 * @param next who may take the free lease now; empty while it is not free
 * @param prospects one for each fault, in the order of {@link Fault}
 */
public record Outlook(
        Optional<NodeId> leader,
        Optional<NodeId> last,
        Set<NodeId> voters,
        Set<NodeId> voting,
        Optional<NodeId> next,
        List<Prospect> prospects) {

    /** What may fail on the leader's side. */
    public enum Fault {
        /** PostgreSQL alone: its agent still votes and gives the lease up. */
        SERVER,
        /** Everything on that machine: its vote is gone too. */
        MACHINE,
        /** The machine lives and reaches nobody: to the others it is as dead. */
        NETWORK
    }

    /**
     * @param successor who would lead then
     * @param because why nobody would; empty if somebody does
     */
    public record Prospect(Fault fault, Optional<NodeId> successor, String because) {}

    public Outlook {
        voters = new TreeSet<>(voters);
        voting = new TreeSet<>(voting);
        prospects = List.copyOf(prospects);
    }

    /**
     * @param votes who was heard and votes, this node included if it does
     */
    public static Outlook of(View view, Collection<NodeId> votes) {
        var voters = new TreeSet<>(view.members());
        voters.add(view.self());
        var voting = new TreeSet<>(votes);
        voting.retainAll(voters);
        var now =
                new Outlook(
                        view.leader(),
                        view.register().map(r -> r.tenure().holder()),
                        voters,
                        voting,
                        next(view),
                        List.of());
        var prospects = Stream.of(Fault.values()).map(f -> now.after(f, view)).toList();
        return new Outlook(now.leader, now.last, voters, voting, now.next, prospects);
    }

    /** The same in one to three sentences for people. */
    public List<String> sentences(View view) {
        return OutlookText.sentences(view, this);
    }

    /** How many votes decide. */
    public int needed() {
        return voters.size() / 2 + 1;
    }

    public boolean majority() {
        return voting.size() >= needed();
    }

    /** Voters that don't vote: not heard, or they abstain. */
    public Set<NodeId> missing() {
        var missing = new TreeSet<>(voters);
        missing.removeAll(voting);
        return missing;
    }

    public Prospect prospect(Fault fault) {
        return prospects.get(fault.ordinal());
    }

    private Prospect after(Fault fault, View view) {
        var record = view.register();
        if (record.isEmpty()) {
            return new Prospect(fault, Optional.empty(), "no register is known here");
        }
        var left = new TreeSet<>(voting);
        if (fault != Fault.SERVER) {
            left.remove(record.get().tenure().holder());
        }
        if (left.size() < needed()) {
            return new Prospect(fault, Optional.empty(), tooFew(left));
        }
        var successor = successor(view, record.get());
        return new Prospect(
                fault, successor, successor.isPresent() ? "" : objections(view, record.get()));
    }

    private String tooFew(Set<NodeId> left) {
        return "%d of %d votes would be left, %d are needed%s"
                .formatted(
                        left.size(),
                        voters.size(),
                        needed(),
                        missing().isEmpty()
                                ? ""
                                : "; now without a vote: " + OutlookText.names(missing()));
    }

    /** The lease lies free and its holder is out of the way: who stands for election? */
    private static Optional<NodeId> successor(View view, ClusterRecord record) {
        // The leader drops these wishes as fulfilled (L17): they are none of the fault's moment.
        var lasting = new Wishes(record.wishes().paused(), Optional.empty(), Optional.empty());
        var tenure = record.tenure();
        var free = new Lease.Free(tenure.term(), tenure.holder(), 0, true, Optional.empty());
        var there = heard(view).filter(p -> !p.node().equals(tenure.holder())).toList();
        return standing(view, record.with(lasting), free, there);
    }

    private static Optional<NodeId> next(View view) {
        return view.lease() instanceof Lease.Free free
                ? view.register().flatMap(r -> standing(view, r, free, heard(view).toList()))
                : Optional.empty();
    }

    private static Optional<NodeId> standing(
            View view, ClusterRecord record, Lease.Free free, List<Peer> there) {
        return there.stream()
                .filter(
                        p ->
                                Policy.decide(asSeenBy(p, view, record, free, there)).action()
                                        instanceof Action.Campaign)
                .map(Peer::node)
                .findFirst();
    }

    private static View asSeenBy(
            Peer node, View view, ClusterRecord record, Lease.Free free, List<Peer> there) {
        var others = there.stream().filter(p -> !p.node().equals(node.node())).toList();
        var members = new TreeSet<>(view.members());
        members.add(view.self());
        members.remove(node.node());
        return new View(
                view.settings().of(node),
                members,
                Optional.of(record),
                free,
                new View.Local(node.address(), node.server(), node.runner(), node.handover()),
                others,
                view.proof(),
                new View.Streak("", 0));
    }

    /** All that were heard, this node as the others hear it. */
    private static Stream<Peer> heard(View view) {
        var own =
                new Peer(
                        view.self(),
                        view.settings().witness(),
                        view.local().address(),
                        view.settings().standing(),
                        view.local().server(),
                        view.local().runner(),
                        view.local().handover());
        return Stream.concat(Stream.of(own), view.peers().stream());
    }

    static String objections(View view, ClusterRecord record) {
        if (record.wishes().paused()) {
            return "paused";
        }
        var objections = Candidacy.objections(view);
        return objections.isEmpty() ? "no other standby is up" : String.join("; ", objections);
    }
}
