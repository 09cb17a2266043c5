package io.kumki.bench;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import org.postgresql.PGConnection;

/**
 * What PostgreSQL itself needs: a loop that promotes the replica at once, with no thought of
 * whether that is safe. Nothing that asks anybody can be faster.
 */
final class Floor implements AutoCloseable {
    private static final Patience PATIENCE =
            new Patience(Duration.ofSeconds(1), Duration.ofSeconds(30));

    private final BarePair pair;

    Floor() throws IOException {
        pair = new BarePair();
    }

    /** Seconds without an acknowledged insert after a kill -9 of the primary's postmaster. */
    double serverKilled() throws Exception {
        return measure(
                () -> {
                    var watcher = Thread.ofPlatform().daemon().start(this::promoteWhenBroken);
                    // The watcher's session must stand before it can break.
                    Machine.sleep(300);
                    pair.primary().process().destroyForcibly();
                    watcher.join(10_000);
                });
    }

    /** Seconds without an acknowledged insert at a planned change, with a checkpoint before. */
    double switchover() throws Exception {
        return measure(
                () -> {
                    execute(pair.primary(), "checkpoint");
                    pair.stopFast(pair.primary());
                    execute(pair.replica(), "select pg_promote()");
                });
    }

    private double measure(Act act) throws Exception {
        double gap;
        try (var writer = new Writer(pair.endpoints(), Failovers.PAUSE_MILLIS)) {
            writer.awaitSteadyAfter(System.nanoTime(), PATIENCE);
            long began = System.nanoTime();
            act.run();
            writer.awaitSteadyAfter(System.nanoTime(), PATIENCE);
            gap = writer.trace().longestGapAfter(began).seconds();
        }
        pair.swap();
        return gap;
    }

    /** Waits on an idle session for a message that never comes: its end is the signal. */
    private void promoteWhenBroken() {
        try (var standby = pair.replica().endpoint().connect(30_000);
                var promotion = standby.createStatement()) {
            try (var session = pair.primary().endpoint().connect(0)) {
                session.unwrap(PGConnection.class).getNotifications(0);
            } catch (SQLException broken) {
                promotion.execute("select pg_promote()");
            }
        } catch (SQLException e) {
            throw new IllegalStateException("the floor's replica was not promoted", e);
        }
    }

    private static void execute(BarePair.Server server, String sql) throws SQLException {
        try (var connection = server.endpoint().connect(30_000);
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() throws IOException {
        pair.close();
    }

    /** What interrupts the writes. */
    @FunctionalInterface
    private interface Act {
        void run() throws Exception;
    }
}
