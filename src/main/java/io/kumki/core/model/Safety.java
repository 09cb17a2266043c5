package io.kumki.core.model;

import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/**
 * Who may be promoted without losing an acknowledged commit (I2).
 *
 * @param mode the mode that the leader keeps; the leader's word counts, not each node's setting
 * @param safe the nodes that hold every acknowledged commit; of use in {@link Mode#SYNC} only;
 *     sorted, so that equal records are equal texts
 */
public record Safety(Mode mode, Set<NodeId> safe) {
    public Safety {
        safe = Collections.unmodifiableSortedSet(new TreeSet<>(safe));
    }

    @Override
    public String toString() {
        return mode + " " + safe;
    }
}
