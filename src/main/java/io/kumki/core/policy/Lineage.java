package io.kumki.core.policy;

import io.kumki.core.model.Lsn;
import io.kumki.core.model.Position;
import java.util.List;
import java.util.Optional;

/**
 * The timelines that a server went through.
 *
 * @param left those that it left and where, oldest first
 * @param timeline the one that it is on
 */
record Lineage(List<Position> left, int timeline) {

    /**
     * Where two ways part: what lies behind it is of one of them only. As pg_rewind finds it
     * (findCommonAncestorTimeline): neither needs to be in the other's past.
     *
     * @return empty if nothing is common, or if one timeline bears both to their ends
     */
    Optional<Lsn> parting(Lineage other) {
        for (int i = 0; ; i++) {
            if (at(i) == 0 || at(i) != other.at(i)) {
                return i == 0 ? Optional.empty() : end(i - 1);
            }
            var mine = end(i);
            var theirs = other.end(i);
            if (!mine.equals(theirs)) {
                return mine.isEmpty() || theirs.filter(t -> t.isBefore(mine.get())).isPresent()
                        ? theirs
                        : mine;
            }
        }
    }

    /** One tells what the other denies; a history that was read earlier is only shorter. */
    static boolean differ(List<Position> left, List<Position> other) {
        int common = Math.min(left.size(), other.size());
        return !left.subList(0, common).equals(other.subList(0, common));
    }

    private int at(int step) {
        if (step < left.size()) {
            return left.get(step).timeline();
        }
        return step == left.size() ? timeline : 0;
    }

    /** The timeline that it is on has no end yet. */
    private Optional<Lsn> end(int step) {
        return step < left.size() ? Optional.of(left.get(step).lsn()) : Optional.empty();
    }
}
