package io.kumki.core.model;

import java.util.Collections;
import java.util.Optional;
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
    /** Bounds of {@link #ttl}, in milliseconds. */
    public static final long SHORTEST_TTL = 1_000;

    public static final long LONGEST_TTL = 60_000;

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

    /**
     * Whether each majority of one set of voters meets each majority of the other: if they differ
     * by one voter at most, since sizes n and n + 1 have majorities of more than n + 1 together.
     * Already with one voter replaced by another, {1, 3} of {1, 2, 3} and {2, 4} of {1, 2, 4} do
     * not meet.
     */
    public static boolean near(Set<NodeId> some, Set<NodeId> others) {
        var different = new TreeSet<>(some);
        different.removeAll(others);
        others.stream().filter(v -> !some.contains(v)).forEach(different::add);
        return different.size() <= 1;
    }

    /**
     * Why an agent that is configured with these voters takes no part, if it must not: found,
     * expected, not done, what to do.
     */
    public Optional<String> objection(Set<NodeId> configured) {
        return near(voters, configured)
                ? Optional.empty()
                : Optional.of(
                        """
                        `peers` names the voters %s, the register knows %s: more than one differs, \
                        so majorities of both need not meet; this agent does not vote, propose or \
                        lead. Name the register's voters again, then change one at a time on all \
                        nodes (docs/RUNBOOK.md, Voters)\
                        """
                                .formatted(new TreeSet<>(configured), voters));
    }

    /** As in a configuration file. */
    public static String duration(long millis) {
        return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
    }
}
