package io.kumki.core.model;

import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/**
 * What must be equal on all nodes, as the cluster has agreed on it: it counts, not what a node's
 * own file says. Set by the founder's configuration, changed by a compare-and-set.
 *
 * @param ttl milliseconds that the next renewal counts; each renewal carries its own: {@link
 *     Tenure#ttl()}
 * @param mode what commits shall wait for; {@link Safety#mode()} is what they do wait for
 * @param voters who has a vote; sorted, so that equal records are equal texts
 */
public record Agreed(long ttl, Mode mode, Set<NodeId> voters) {
    public Agreed {
        voters = Collections.unmodifiableSortedSet(new TreeSet<>(voters));
    }

    public Agreed withTtl(long other) {
        return new Agreed(other, mode, voters);
    }

    public Agreed with(Mode other) {
        return new Agreed(ttl, other, voters);
    }

    public Agreed with(Set<NodeId> others) {
        return new Agreed(ttl, mode, others);
    }
}
