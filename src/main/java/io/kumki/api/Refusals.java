package io.kumki.api;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Wrong tokens by address: each further one is answered later, and the log hears of them without
 * being flooded. A right token always passes at once: an agent beside a guesser must not lose its
 * peers. Bounded: of more addresses than {@link #KEPT} those that were quiet longest are forgotten.
 *
 * <p>Instants are milliseconds of a clock that only goes forward.
 */
final class Refusals {
    static final int KEPT = 256;

    /** An address that was quiet for so long begins anew. */
    static final long FORGIVEN_AFTER = 60_000;

    private static final int FREE = 3;
    private static final long STEP = 500;
    private static final long LONGEST = 5_000;
    private static final long LOG_EVERY = 60_000;

    /** Lines a minute for all addresses together: whoever has many addresses fills no disk. */
    private static final int LINES = 30;

    /** Answers that wait at once, for one address and for all: each holds a connection. */
    private static final int WAITING = 8;

    private static final int ALL_WAITING = 64;

    private final Map<String, Address> addresses = new LinkedHashMap<>(16, 0.75f, true);
    private int waiting;
    private long total;
    private long minute = Long.MIN_VALUE / 2;
    private int lines;

    private static final class Address {
        long last;
        int row;
        int waiting;
        long logged = Long.MIN_VALUE / 2;
        long unsaid;
    }

    /**
     * What to do with one that was refused.
     *
     * @param delay milliseconds until it is answered
     * @param busy so many of this address wait for their answer that this one gets 429 at once
     * @param times what the log is told: how many since it was last told; empty: nothing now
     */
    record Answer(long delay, boolean busy, Optional<Long> times) {}

    /** One more from there. If it has a delay, {@link #answered} must follow. */
    synchronized Answer refuse(String address, long now) {
        total++;
        var known = addresses.computeIfAbsent(address, a -> new Address());
        forget();
        known.row = now - known.last > FORGIVEN_AFTER ? 1 : Math.min(known.row + 1, 1_000);
        known.last = now;
        known.unsaid++;
        var times = Optional.<Long>empty();
        if (now - known.logged >= LOG_EVERY && hasLine(now)) {
            times = Optional.of(known.unsaid);
            known.logged = now;
            known.unsaid = 0;
        }
        long delay = Math.clamp((known.row - FREE) * STEP, 0, LONGEST);
        boolean busy = delay > 0 && (known.waiting >= WAITING || waiting >= ALL_WAITING);
        if (delay > 0 && !busy) {
            known.waiting++;
            waiting++;
        }
        return new Answer(busy ? 0 : delay, busy, times);
    }

    private boolean hasLine(long now) {
        if (now - minute >= LOG_EVERY) {
            minute = now;
            lines = 0;
        }
        return ++lines <= LINES;
    }

    /** A delayed answer has left. */
    synchronized void answered(String address) {
        waiting--;
        Optional.ofNullable(addresses.get(address)).ifPresent(a -> a.waiting--);
    }

    /** Those with waiting answers stay: there are at most {@link #ALL_WAITING}. */
    private void forget() {
        Iterator<Address> eldest = addresses.values().iterator();
        while (addresses.size() > KEPT && eldest.hasNext()) {
            if (eldest.next().waiting == 0) {
                eldest.remove();
            }
        }
    }

    /** Since the agent's start. */
    synchronized long total() {
        return total;
    }

    synchronized int known() {
        return addresses.size();
    }
}
