package io.kumki.core.routing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How old a replica's data is, told by the write probe: the leader writes the next number again and
 * again, and this remembers when it first heard of each. Only one clock is used, the observer's;
 * the answer is right to about one interval and one tick. Immutable.
 *
 * @param heard numbers of the leader, oldest first
 */
public record Staleness(List<Heard> heard) {
    public static final Staleness NONE = new Staleness(List.of());

    /** Enough for two minutes of a probe each second. */
    private static final int KEPT = 120;

    /**
     * @param at milliseconds, when this number was first heard from the leader
     */
    public record Heard(long number, long at) {}

    public Staleness {
        heard = List.copyOf(heard);
    }

    /**
     * @param number of the leader; 0: there is no probe
     */
    Staleness after(long number, long now) {
        if (number == 0) {
            return this;
        }
        long last = heard.isEmpty() ? 0 : heard.get(heard.size() - 1).number();
        if (number == last) {
            return this;
        }
        // After a failover without all of the old primary's WAL the numbers may go back.
        var next = number < last ? new ArrayList<Heard>() : new ArrayList<>(heard);
        next.add(new Heard(number, now));
        return new Staleness(next.subList(Math.max(0, next.size() - KEPT), next.size()));
    }

    /**
     * Since when the leader has had something that the replica lacks.
     *
     * @param number that the replica has; 0: none
     * @return empty if there is no probe
     */
    Optional<Duration> of(long number, long now) {
        if (heard.isEmpty() || number == 0) {
            return Optional.empty();
        }
        return Optional.of(
                heard.stream()
                        .filter(h -> h.number() > number)
                        .findFirst()
                        .map(h -> Duration.ofMillis(now - h.at()))
                        .orElse(Duration.ZERO));
    }
}
