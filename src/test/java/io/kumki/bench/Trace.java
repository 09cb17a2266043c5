package io.kumki.bench;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The acknowledged inserts of a writer, in the order of their acknowledgement. */
record Trace(List<Insert> inserts) {
    /**
     * One acknowledged insert.
     *
     * @param at {@link System#nanoTime()} when the acknowledgement arrived
     */
    record Insert(long id, String server, long at) {}

    Trace {
        inserts = inserts.stream().sorted(Comparator.comparingLong(Insert::at)).toList();
    }

    /** The longest time without an acknowledgement that ended after an instant, in seconds. */
    double longestGapAfter(long instant) {
        return longestGap(instant, Long.MAX_VALUE);
    }

    /** The longest time without an acknowledgement that ended between two instants, in seconds. */
    double longestGap(long from, long to) {
        long longest = 0;
        for (int i = 1; i < inserts.size(); i++) {
            long end = inserts.get(i).at();
            if (end >= from && end < to) {
                longest = Math.max(longest, end - inserts.get(i - 1).at());
            }
        }
        return longest / 1e9;
    }

    Optional<Insert> firstOn(String server) {
        return inserts.stream().filter(i -> i.server().equals(server)).findFirst();
    }

    Optional<Insert> lastOn(String server) {
        return inserts.reversed().stream().filter(i -> i.server().equals(server)).findFirst();
    }

    Trace after(long instant) {
        return new Trace(inserts.stream().filter(i -> i.at() >= instant).toList());
    }
}
