package io.kumki.core.consensus;

/**
 * When a lease ends for its holder, and when others may compete for it: the same for every store.
 * All instants are milliseconds of the own machine's {@code /proc/uptime}; those of different
 * machines are never compared.
 *
 * <p>Why two leases never overlap, if clocks drift apart by at most 5 %: the holder counts from t0,
 * taken before the attempt. Any voter that has seen this renewal id has seen it after t0, as no id
 * is ever used for two attempts. A contender needs a report by which the current renewal is older
 * than {@code ttl × 1.05} on that voter's clock, so at least {@code ttl} has passed on the holder's
 * since t0, and its server was killed 100 ms before. The contender's compare-and-set names that
 * very renewal, so it fails if there was a later one.
 *
 * @param ttlMillis how long a grant lasts, at least 1000 ms
 */
public record LeaseRule(long ttlMillis) {

    private static final long SHORTEST_TTL_MILLIS = 1000;
    private static final long SMALLEST_MARGIN_MILLIS = 300;
    private static final long KILL_BEFORE_END_MILLIS = 100;
    private static final long DRIFT_PERCENT = 5;

    /** Refuses a ttl below one second. */
    public LeaseRule {
        if (ttlMillis < SHORTEST_TTL_MILLIS) {
            throw new IllegalArgumentException(
                    "ttl is %d ms; the shortest is %d ms"
                            .formatted(ttlMillis, SHORTEST_TTL_MILLIS));
        }
    }

    /** Time kept free at the end of the grant to stop the server: 10 %, at least 300 ms. */
    public long marginMillis() {
        return Math.max(SMALLEST_MARGIN_MILLIS, ttlMillis / 10);
    }

    /**
     * When the server is told to stop (SIGQUIT).
     *
     * @param t0 own uptime in ms before the attempt that was committed
     */
    public long deadline(long t0) {
        return t0 + ttlMillis - marginMillis();
    }

    /**
     * When what is left of the server is killed (SIGKILL); 100 ms before the grant ends.
     *
     * @param t0 own uptime in ms before the attempt that was committed
     */
    public long kill(long t0) {
        return t0 + ttlMillis - KILL_BEFORE_END_MILLIS;
    }

    /** Pause between two renewals in ms: a fifth of the ttl. */
    public long renewEvery() {
        return ttlMillis / 5;
    }

    /**
     * May another node compete for the lease?
     *
     * @param ageMillis what some voter reports as the age of the current renewal, by its own clock
     */
    public boolean mayCompete(long ageMillis) {
        return ageMillis * 100 > ttlMillis * (100 + DRIFT_PERCENT);
    }
}
