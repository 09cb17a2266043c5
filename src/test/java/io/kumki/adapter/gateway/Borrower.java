package io.kumki.adapter.gateway;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Somebody who takes a session from a pool at the worst moment. */
final class Borrower {
    private static final long IN_TIME = TimeUnit.MILLISECONDS.toNanos(200);
    private static final int ATTEMPTS = 20;

    /** Opens a session. */
    interface Pool {
        RawClient open() throws IOException;
    }

    private Borrower() {}

    /**
     * A session that was reset, then met the event, then began a transaction. A busy machine may
     * take longer for that than any borrower would: then it is tried again.
     */
    static RawClient in(Pool pool, Runnable event) throws IOException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            var session = pool.open();
            session.answer("select 1");
            long reset = System.nanoTime();
            session.answer("Discard ALL;");
            event.run();
            session.query("begin");
            if (System.nanoTime() - reset < IN_TIME) {
                session.until('Z');
                return session;
            }
            session.close();
        }
        throw new IllegalStateException("this machine is too slow for any borrower");
    }
}
