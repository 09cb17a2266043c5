package io.kumki.bench;

import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

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

    /** A time without an acknowledgement, in {@link System#nanoTime()}. */
    record Gap(long from, long to) {
        double seconds() {
            return (to - from) / 1e9;
        }

        /** Both ends in the time of day, to be found in logs. */
        String clock() {
            return clock(from) + " to " + clock(to);
        }

        private static String clock(long instant) {
            var at = LocalTime.now().minusNanos(System.nanoTime() - instant);
            return at.truncatedTo(ChronoUnit.MILLIS).toString();
        }
    }

    /** The longest time without an acknowledgement that ended after an instant. */
    Gap longestGapAfter(long instant) {
        return longestGap(instant, Long.MAX_VALUE);
    }

    /** The longest time without an acknowledgement that ended between two instants. */
    Gap longestGap(long from, long to) {
        return gaps().stream()
                .filter(g -> g.to() >= from && g.to() < to)
                .max(Comparator.comparingDouble(Gap::seconds))
                .orElseThrow(() -> new IllegalStateException("nothing was acknowledged"));
    }

    List<Gap> gaps() {
        return IntStream.range(1, inserts.size())
                .mapToObj(i -> new Gap(inserts.get(i - 1).at(), inserts.get(i).at()))
                .toList();
    }

    Optional<Insert> firstOn(String server) {
        return inserts.stream().filter(i -> i.server().equals(server)).findFirst();
    }

    Optional<Insert> lastOn(String server) {
        return inserts.reversed().stream().filter(i -> i.server().equals(server)).findFirst();
    }
}
