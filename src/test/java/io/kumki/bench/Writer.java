package io.kumki.bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Inserts a row every few milliseconds into whichever server takes it. Every server has a thread of
 * its own that keeps trying, so that a frozen one delays nothing, the first moment at which writes
 * are accepted is seen, and so is every moment at which two servers accept them.
 */
final class Writer implements AutoCloseable {
    private static final String TABLE =
            "create table if not exists kumki_bench (id bigint primary key, server text)";
    private static final AtomicLong NEXT_ID = new AtomicLong(System.currentTimeMillis() * 1000);

    private final ConcurrentLinkedQueue<Trace.Insert> inserts = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private final long pauseMillis;
    private final long firstId = NEXT_ID.get();
    private volatile boolean ended;
    private volatile long latest = System.nanoTime();

    Writer(List<Endpoint> endpoints, long pauseMillis) {
        this.pauseMillis = pauseMillis;
        for (var endpoint : endpoints) {
            threads.add(Thread.ofPlatform().daemon().start(() -> write(endpoint)));
        }
    }

    private void write(Endpoint endpoint) {
        while (!ended) {
            try (var connection = endpoint.connect()) {
                insertUntilFailure(endpoint, connection);
            } catch (SQLException refused) {
                pause();
            }
        }
    }

    /** The session to a standby is kept: the same one can write once it is promoted. */
    private void insertUntilFailure(Endpoint endpoint, Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            // Asked, not tried: each refused insert would be two lines in the server's log.
            while (!ended && inRecovery(statement)) {
                pause();
            }
            statement.execute(TABLE);
            while (!ended) {
                insert(endpoint, statement);
                pause();
            }
        }
    }

    private static boolean inRecovery(Statement statement) throws SQLException {
        try (var rows = statement.executeQuery("select pg_is_in_recovery()")) {
            return rows.next() && rows.getBoolean(1);
        }
    }

    private void insert(Endpoint endpoint, Statement statement) throws SQLException {
        long id = NEXT_ID.incrementAndGet();
        statement.clearWarnings();
        statement.execute(
                "insert into kumki_bench values (%d, '%s')".formatted(id, endpoint.name()));
        // A commit that was not replicated as asked comes with a warning: not acknowledged.
        if (statement.getWarnings() == null) {
            latest = System.nanoTime();
            inserts.add(new Trace.Insert(id, endpoint.name(), latest));
        }
    }

    private void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(pauseMillis);
        } catch (InterruptedException e) {
            ended = true;
        }
    }

    /** Waits until inserts have gone on for some time after an instant without a long stop. */
    void awaitSteadyAfter(long instant, Patience patience) {
        long steadySince = Long.MAX_VALUE;
        long seen = 0;
        long end = System.nanoTime() + patience.limit().toNanos();
        while (System.nanoTime() < end) {
            long now = latest;
            if (now - seen > 300_000_000L || now < instant) {
                steadySince = now;
            }
            seen = now;
            boolean fresh = System.nanoTime() - now < 300_000_000L;
            if (fresh && now >= instant && now - steadySince > patience.steady().toNanos()) {
                return;
            }
            pause();
        }
        throw new IllegalStateException(
                "writes have not come back within " + patience.limit().toSeconds() + " s");
    }

    Trace trace() {
        return new Trace(List.copyOf(inserts));
    }

    /** How many rows that were acknowledged by now a server does not have. */
    long lostOn(Endpoint endpoint) throws SQLException {
        var expected = List.copyOf(inserts);
        var kept = new HashSet<Long>();
        try (var connection = endpoint.connect(60_000);
                var statement = connection.createStatement();
                var rows =
                        statement.executeQuery(
                                "select id from kumki_bench where id > " + firstId)) {
            while (rows.next()) {
                kept.add(rows.getLong(1));
            }
        }
        return expected.stream().filter(i -> !kept.contains(i.id())).count();
    }

    @Override
    public void close() {
        ended = true;
        for (var thread : threads) {
            try {
                thread.join(2_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
