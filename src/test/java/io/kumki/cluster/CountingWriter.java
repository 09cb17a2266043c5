package io.kumki.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.HostPort;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * Inserts numbered rows into whichever server is the primary, as an application would, and keeps
 * every number whose commit was acknowledged without a warning. No number is used twice.
 */
final class CountingWriter implements AutoCloseable {
    /** A row takes more WAL than this. */
    static final int ROW_BYTES = 200;

    private static final String PAYLOAD = "x".repeat(ROW_BYTES);

    private final ConcurrentSkipListSet<Long> acknowledged = new ConcurrentSkipListSet<>();
    private final List<HostPort> servers;
    private final Login login;
    private final Thread thread;
    private volatile boolean closed;
    private volatile long longestGap;
    private volatile long begun;
    private long number;
    private long last = System.nanoTime();

    CountingWriter(List<HostPort> servers, Login login) {
        this.servers = servers;
        this.login = login;
        this.thread = new Thread(this::write, "counting-writer");
    }

    void start() {
        thread.start();
        awaitMore();
    }

    /** Waits until rows are acknowledged that were begun after now. */
    void awaitMore() {
        long before = begun;
        Onlooker.eventually(
                "writes go on", () -> assertThat(acknowledged.last()).isGreaterThan(before + 3));
    }

    /** How long no row was acknowledged, at most, since this was last asked. */
    Duration longestGap() {
        var gap = Duration.ofNanos(longestGap);
        longestGap = 0;
        return gap;
    }

    /** The acknowledged rows that this server does not have. */
    SortedSet<Long> lost(HostPort leader) {
        var expected = new TreeSet<>(acknowledged);
        try (var connection = login.to(leader);
                var statement = connection.createStatement();
                var rows = statement.executeQuery("select n from kumki_rows")) {
            while (rows.next()) {
                expected.remove(rows.getLong(1));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return expected;
    }

    /** Rows that were lost and reported are not to be missed again. */
    void forget(SortedSet<Long> rows) {
        acknowledged.removeAll(rows);
    }

    private void write() {
        while (!closed) {
            try (var connection = login.toPrimaryOf(servers)) {
                prepare(connection);
                insert(connection);
            } catch (SQLException e) {
                pause(50);
            }
        }
    }

    private static void prepare(Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute("set client_min_messages = warning");
            statement.execute(
                    "create table if not exists kumki_rows (n bigint primary key, payload text)");
        }
    }

    private void insert(Connection connection) throws SQLException {
        try (var insert = connection.prepareStatement("insert into kumki_rows values (?, ?)")) {
            while (!closed) {
                number++;
                begun = number;
                one(insert);
                pause(5);
            }
        }
    }

    private void one(PreparedStatement insert) throws SQLException {
        insert.setLong(1, number);
        insert.setString(2, PAYLOAD);
        insert.executeUpdate();
        if (insert.getWarnings() != null) {
            // "committed locally, but might not have been replicated": not acknowledged.
            insert.clearWarnings();
            return;
        }
        acknowledged.add(number);
        long now = System.nanoTime();
        longestGap = Math.max(longestGap, now - last);
        last = now;
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed = true;
        Onlooker.eventually("the writer ends", () -> assertThat(thread.isAlive()).isFalse());
    }
}
