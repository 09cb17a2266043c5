package io.kumki.agent;

import io.kumki.core.model.Action;

/**
 * When an order that was looked at and has not helped may be given again. Times are milliseconds of
 * a monotonic clock.
 */
final class Repeats {
    static final long SOON = 2_000;
    static final long SELDOM = 30_000;

    /** What has been tried that often in a row is given more time. */
    private static final int OFTEN = 3;

    /** A success that held for so long is no failure that repeats. */
    private static final long LASTING = 120_000;

    private int tries;
    private long at = Long.MIN_VALUE / 2;

    boolean due(Action.Order order, long now) {
        return now - at > pause(order);
    }

    /**
     * @param same as the one before
     * @param done the one before had ended well
     */
    void given(boolean same, boolean done, long now) {
        boolean anew = !same || done && now - at > LASTING;
        tries = anew ? 1 : tries + 1;
        at = now;
    }

    /** Copying a database again and again harms its source; a stop or a promotion never waits. */
    private long pause(Action.Order order) {
        boolean heavy =
                switch (order) {
                    case Action.Clone clone -> true;
                    case Action.Rewind rewind -> true;
                    case Action.BeStandby standby -> true;
                    case Action.BePrimary primary -> false;
                    case Action.Stop stop -> false;
                };
        return heavy && tries >= OFTEN
                ? Math.min(SELDOM, SOON << Math.min(tries - OFTEN + 1, 10))
                : SOON;
    }
}
