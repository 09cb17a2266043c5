package io.kumki.agent;

import io.kumki.core.model.Lsn;
import java.util.OptionalLong;

/** Remembers how a standby's replay moved, from one look at it to the next. */
final class ReplayProgress {
    private Lsn replayed = Lsn.ZERO;
    private long movedAt;
    private OptionalLong doneAt = OptionalLong.empty();

    /**
     * @param end of the WAL that is there
     * @return milliseconds that it has not moved although there is more
     */
    long standing(Lsn reached, Lsn end, long now) {
        boolean done = !reached.isBefore(end);
        if (done) {
            doneAt = OptionalLong.of(now);
        }
        // Behind since it was first seen so, not since it was last not.
        if (done || !reached.equals(replayed)) {
            replayed = reached;
            movedAt = now;
        }
        return now - movedAt;
    }

    /**
     * The time of the last replayed commit says too much where nobody wrote for a while: what it
     * lacks came after all was replayed.
     *
     * @param said milliseconds, as the server tells; 0 if all is replayed
     */
    long lag(long said, long now) {
        return doneAt.isPresent() ? Math.min(said, now - doneAt.getAsLong()) : said;
    }
}
