package io.kumki.adapter.pgbouncer;

import io.kumki.adapter.haproxy.LoneServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads that write as Odoo does (ODOO.md 22, 24, 28): a kept connection, DISCARD ALL before each
 * use, dead ones dropped without a word, REPEATABLE READ, and nothing is ever repeated.
 */
final class OdooLike implements AutoCloseable {
    private final PgbouncerProcess pgbouncer;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicInteger done = new AtomicInteger();
    private final Set<String> seen = ConcurrentHashMap.newKeySet();
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private volatile boolean ending;

    OdooLike(PgbouncerProcess pgbouncer, int threads) {
        this.pgbouncer = pgbouncer;
        for (int i = 0; i < threads; i++) {
            this.threads.add(Thread.ofPlatform().daemon().start(this::work));
        }
    }

    int done() {
        return done.get();
    }

    /** Names of the servers that took a write. */
    Set<String> seen() {
        return Set.copyOf(seen);
    }

    List<String> failures() {
        return List.copyOf(failures);
    }

    private void work() {
        Optional<Connection> kept = Optional.empty();
        while (!ending) {
            try {
                kept = Optional.of(borrow(kept));
                write(kept.get());
                done.incrementAndGet();
            } catch (SQLException e) {
                failures.add(e.getSQLState() + " " + e.getMessage());
                kept.ifPresent(OdooLike::drop);
                kept = Optional.empty();
            }
            pause(20);
        }
        kept.ifPresent(OdooLike::drop);
    }

    private Connection borrow(Optional<Connection> kept) throws SQLException {
        if (kept.isPresent()) {
            try {
                discard(kept.get());
                return kept.get();
            } catch (SQLException dead) {
                drop(kept.get());
            }
        }
        var fresh = pgbouncer.connect("shop");
        discard(fresh);
        return fresh;
    }

    private static void discard(Connection connection) throws SQLException {
        connection.setAutoCommit(true);
        try (var statement = connection.createStatement()) {
            statement.execute("DISCARD ALL");
        }
    }

    private void write(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (var statement = connection.createStatement()) {
            statement.execute("set transaction isolation level repeatable read");
            statement.execute("insert into orders default values");
            var server = LoneServer.name(connection);
            pause(10);
            connection.commit();
            seen.add(server);
        }
    }

    private static void drop(Connection connection) {
        try {
            connection.close();
        } catch (SQLException gone) {
            // That is what was wanted.
        }
    }

    private static void pause(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits for the last use to end. */
    @Override
    public void close() {
        ending = true;
        for (var thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
