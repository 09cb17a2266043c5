package io.kumki.core.model;

import java.util.Optional;

/**
 * One change of the leader, kept in the register: the receipt.
 *
 * @param at milliseconds since 1970 on the new leader's clock; for people, never compared
 * @param safe the new leader was known to have every acknowledged commit
 * @param before the last position of the old primary that the register knew
 * @param opened where the new primary's WAL began; empty until it accepts writes
 */
public record Episode(
        long term,
        NodeId leader,
        Cause cause,
        String reason,
        long at,
        Timing timing,
        boolean safe,
        Position before,
        Optional<Opened> opened) {

    /** Why the leader changed. */
    public enum Cause {
        BOOTSTRAP,
        ADOPTION,
        RESUME,
        FAILOVER,
        SWITCHOVER,
        FORCED
    }

    /**
     * Milliseconds each part took.
     *
     * @param detection from the last sign of the old leader to the candidacy
     * @param election from the candidacy to the lease
     * @param promotion from the lease to accepted writes; 0 until then
     */
    public record Timing(long detection, long election, long promotion) {}

    /**
     * The new primary accepts writes.
     *
     * @param lostBytes WAL of the old primary that the new one does not have: at least this much
     *     while {@code measured} is false, and not more than this once it is true
     * @param measured the old primary came back and its WAL was looked at, or none can be lost
     * @param salvage where the old primary keeps that WAL; empty if nothing diverged
     */
    public record Opened(Position position, long lostBytes, boolean measured, String salvage) {}
}
