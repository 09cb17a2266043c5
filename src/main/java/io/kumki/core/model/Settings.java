package io.kumki.core.model;

/**
 * What the policy needs of the configuration. Durations are in milliseconds.
 *
 * @param cluster the cluster's name
 * @param maxLag bytes that a replica may trail the last renewal and still be promoted (async)
 * @param maxBacklog bytes of WAL that may wait for the archive at a switchover
 * @param onCrash what a leader does whose server died while a safe standby is there
 * @param bootstrap this node may run initdb for a new cluster
 */
public record Settings(
        NodeId self,
        String cluster,
        boolean witness,
        Mode mode,
        long maxLag,
        long maxBacklog,
        OnCrash onCrash,
        boolean bootstrap,
        Peer.Standing standing,
        Timing timing) {

    /** As that node has them: what is its own it has told, the rest is the same on all nodes. */
    public Settings of(Peer node) {
        return new Settings(
                node.node(),
                cluster,
                node.witness(),
                mode,
                maxLag,
                maxBacklog,
                onCrash,
                false,
                node.standing(),
                timing);
    }

    /** What the cluster agreed on goes before this node's own file. */
    public Settings goingBy(Agreed agreed) {
        return new Settings(
                self,
                cluster,
                witness,
                agreed.mode(),
                maxLag,
                maxBacklog,
                onCrash,
                bootstrap,
                standing,
                timing.withTtl(agreed.ttl()));
    }

    /** What to do when the leader's server dies. */
    public enum OnCrash {
        FAILOVER,
        RESTART
    }

    /**
     * @param ttl how long a renewal counts
     * @param degradeAfter how long a synchronous standby may be away before commits go on alone
     * @param unreachableAfter a leader's server that does not answer for so long is given up
     * @param stillBefore a replica whose WAL moved within this time knows the primary to be alive
     * @param grace how long the best candidate has the way to itself
     * @param drain how long open transactions may go on before a planned stop
     * @param patience how long a start, a stop or a promotion may take before it is given up
     */
    public record Timing(
            long ttl,
            long degradeAfter,
            long unreachableAfter,
            long stillBefore,
            long grace,
            long patience,
            long drain) {

        Timing withTtl(long other) {
            return new Timing(
                    other, degradeAfter, unreachableAfter, stillBefore, grace, patience, drain);
        }
    }
}
