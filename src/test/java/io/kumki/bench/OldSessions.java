package io.kumki.bench;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sessions to a leader that is about to be frozen, in each state in which they could still commit
 * something when it wakes up. None of them may ever hear that it did.
 */
public final class OldSessions implements AutoCloseable {
    /** Longer than any failover. */
    private static final String PATIENCE_SECONDS = "60";

    private static final String TABLE = "create table if not exists old_session (n bigint)";
    private static final AtomicLong NUMBERS = new AtomicLong(System.currentTimeMillis() * 100);

    /** A session with the row that it tries to commit. */
    private record Session(Connection connection, long number) {
        void insert() throws SQLException {
            try (var statement = connection.createStatement()) {
                statement.execute("insert into old_session values (" + number + ")");
            }
        }
    }

    /** Has inserted its row and holds the transaction open. */
    private final List<Session> open = new ArrayList<>();

    /** The same, and sends COMMIT while the server is frozen. */
    private final List<Session> committing = new ArrayList<>();

    /** Idle until the server is awake again. */
    private final List<Session> idle = new ArrayList<>();

    private final List<Long> acknowledged = new ArrayList<>();
    private final List<Thread> waiting = new ArrayList<>();

    /**
     * Opens as many sessions of each kind.
     *
     * @param access where to, and as whom; only its rw is used
     */
    public OldSessions(OdooClient.Access access, int each) throws SQLException {
        try (var first = connect(access);
                var statement = first.createStatement()) {
            first.setAutoCommit(true);
            statement.execute(TABLE);
        }
        for (int i = 0; i < each; i++) {
            open.add(new Session(connect(access), NUMBERS.incrementAndGet()));
            committing.add(new Session(connect(access), NUMBERS.incrementAndGet()));
            idle.add(new Session(connect(access), NUMBERS.incrementAndGet()));
            open.getLast().insert();
            committing.getLast().insert();
        }
    }

    private static Connection connect(OdooClient.Access access) throws SQLException {
        var wanted = new Properties();
        wanted.setProperty("user", access.user());
        wanted.setProperty("password", access.password());
        wanted.setProperty("sslmode", "disable");
        wanted.setProperty("gssEncMode", "disable");
        wanted.setProperty("socketTimeout", PATIENCE_SECONDS);
        var connection =
                DriverManager.getConnection(
                        "jdbc:postgresql://" + access.rw() + "/" + access.database(), wanted);
        connection.setAutoCommit(false);
        return connection;
    }

    /** To be called while the server is frozen: sends COMMITs that it finds when it wakes up. */
    public void commitIntoTheFreeze() {
        for (var session : committing) {
            waiting.add(Thread.ofPlatform().daemon().start(() -> attempt(session, false)));
        }
    }

    /**
     * To be called when the server is awake again.
     *
     * @return how many of all the sessions were told that they had committed
     */
    public int commitAfterTheThaw() {
        open.forEach(session -> attempt(session, false));
        idle.forEach(session -> attempt(session, true));
        for (var thread : waiting) {
            try {
                thread.join(TimeUnit.SECONDS.toMillis(Long.parseLong(PATIENCE_SECONDS)));
            } catch (InterruptedException e) {
                throw new IllegalStateException("interrupted", e);
            }
        }
        synchronized (acknowledged) {
            return acknowledged.size();
        }
    }

    private void attempt(Session session, boolean insertFirst) {
        try {
            if (insertFirst) {
                session.insert();
            }
            session.connection().commit();
            synchronized (acknowledged) {
                acknowledged.add(session.number());
            }
        } catch (SQLException cut) {
            // As it shall be.
        }
    }

    public int count() {
        return open.size() + committing.size() + idle.size();
    }

    /**
     * How many of their rows the new leader has.
     *
     * @param access the way to it
     */
    public long rowsKept(OdooClient.Access access) throws SQLException {
        long first = open.getFirst().number();
        try (var connection = connect(access);
                var statement = connection.createStatement();
                var rows =
                        statement.executeQuery(
                                "select count(*) from old_session where n >= " + first)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    @Override
    public void close() {
        for (var sessions : List.of(open, committing, idle)) {
            for (var session : sessions) {
                try {
                    session.connection().close();
                } catch (SQLException gone) {
                    // It is what we wanted.
                }
            }
        }
    }
}
