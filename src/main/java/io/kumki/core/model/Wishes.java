package io.kumki.core.model;

import java.util.Optional;

/**
 * What operators asked for and is not done yet.
 *
 * @param paused no failover, promotion or rejoin by itself
 * @param switchover a planned change of the leader
 * @param forced promote this node although it may lack acknowledged commits
 */
public record Wishes(boolean paused, Optional<Switchover> switchover, Optional<NodeId> forced) {
    public static final Wishes NONE = new Wishes(false, Optional.empty(), Optional.empty());

    /**
     * From whom to whom.
     *
     * @param by who ordered it and why, for people
     */
    public record Switchover(NodeId from, NodeId to, Optional<String> by) {
        public Switchover(NodeId from, NodeId to) {
            this(from, to, Optional.empty());
        }
    }
}
