package io.kumki.core.model;

/**
 * What another node's agent says of itself, heard in this tick.
 *
 * @param address where its server listens for others
 * @param server as its own agent sees it
 */
public record Peer(
        NodeId node,
        boolean witness,
        HostPort address,
        Standing standing,
        LocalServer server,
        Runner runner,
        Handover handover) {

    /** What its configuration says about a promotion. */
    public record Standing(int priority, boolean noFailover) {}
}
