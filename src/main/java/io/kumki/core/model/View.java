package io.kumki.core.model;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * All that one tick knows. The policy sees nothing else.
 *
 * @param settings this node's own, but for what the cluster agreed on, which goes before it
 * @param members every configured node but this one, heard or not
 * @param register the newest record that a majority of voters lets us see; empty if blank or unseen
 * @param address where our own server listens for others
 * @param peers those that were heard in this tick
 * @param proof what is known about commits waiting for a standby
 * @param streak how long the same rule has been deciding
 */
public record View(
        Settings settings,
        Set<NodeId> members,
        Optional<ClusterRecord> register,
        Lease lease,
        Local local,
        List<Peer> peers,
        SyncProof proof,
        Streak streak) {
    public View {
        members = Set.copyOf(members);
        peers = List.copyOf(peers);
    }

    /** This node. */
    public record Local(HostPort address, LocalServer server, Runner runner, Handover handover) {}

    /**
     * How long we have been at it.
     *
     * @param rule the id of the last decision; empty at the first
     * @param millis since the first decision in a row with that id
     */
    public record Streak(String rule, long millis) {}

    public NodeId self() {
        return settings.self();
    }

    /** Who holds the lease now, as far as this view knows. */
    public Optional<NodeId> leader() {
        return switch (lease) {
            case Lease.Mine mine -> Optional.of(self());
            case Lease.Theirs theirs -> Optional.of(theirs.holder());
            case Lease.Free free -> Optional.empty();
            case Lease.Blank blank -> Optional.empty();
            case Lease.Unknown unknown -> Optional.empty();
        };
    }

    /** How long the newest renewal counts, in milliseconds. */
    public long leaseTtl() {
        return register.map(r -> r.tenure().ttl())
                .filter(ttl -> ttl > 0)
                .orElse(settings.timing().ttl());
    }

    public Optional<Peer> peer(NodeId node) {
        return peers.stream().filter(p -> p.node().equals(node)).findFirst();
    }
}
