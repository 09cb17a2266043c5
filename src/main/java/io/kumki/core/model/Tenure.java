package io.kumki.core.model;

import java.util.Optional;

/**
 * Who leads, as the register says it.
 *
 * @param term the fencing token: one more at every acquisition
 * @param holder the leader, or the last one
 * @param renewal names one attempt to renew and is never used again
 * @param released true when the holder gave the lease up, its server being stopped
 * @param releasedTo whom it was given up for, if for somebody
 * @param ttl milliseconds that this very renewal counts, for its holder as for others; 0: written
 *     by a version that did not say, and each node's own setting counts
 */
public record Tenure(
        long term,
        NodeId holder,
        String renewal,
        boolean released,
        Optional<NodeId> releasedTo,
        long ttl) {}
