package io.kumki.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Asks every server all the time to accept a small write, each over a session of its own, and keeps
 * between which instants each did, by timeline. A commit there waits for no standby, so that also a
 * primary counts that is cut off from everybody.
 */
final class WriterWatch implements AutoCloseable {
    private static final long PAUSE_MS = 30;
    private static final String WRITE =
            """
            insert into kumki_watch values ('%s', clock_timestamp())
                on conflict (server) do update set at = excluded.at
            returning ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int
            """;

    /**
     * A server accepted writes at both ends of this, on one timeline.
     *
     * @param from the first accepted write had been acknowledged; seconds of /proc/uptime
     * @param until the last accepted write was sent
     */
    record Reign(String server, int timeline, double from, double until) {
        Reign extended(double sent) {
            return new Reign(server, timeline, from, Math.max(until, sent));
        }
    }

    private final Map<String, Reign> reigns = new TreeMap<>();
    private final List<Thread> threads = new ArrayList<>();
    private final Login login;
    private volatile boolean closed;

    /**
     * @param leader where the table for the writes is made
     */
    WriterWatch(List<Member> members, Member leader, Login login) {
        this.login = login;
        try {
            login.tell(
                    leader.server(),
                    "create table if not exists kumki_watch (server text primary key, at"
                            + " timestamptz)");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        members.forEach(m -> threads.add(new Thread(() -> watch(m), "watch-" + m)));
    }

    void start() {
        threads.forEach(Thread::start);
    }

    /** An older timeline's server wrote nothing any more once a newer one's had begun. */
    void assertNeverTwoWriters() {
        var all = reigns();
        for (var older : all) {
            all.stream()
                    .filter(r -> !r.server().equals(older.server()))
                    .filter(r -> r.timeline() >= older.timeline())
                    .forEach(
                            newer ->
                                    assertThat(older.until())
                                            .as("%s ended before %s began", older, newer)
                                            .isLessThan(newer.from()));
        }
    }

    /** The newest time of this server as a writer. */
    Reign latest(Member member) {
        return newest(member).orElseThrow();
    }

    /** Waits until this server was seen to write on a newer timeline than that. */
    Reign after(Reign older, Member member) {
        return Onlooker.found(
                "writes of " + member + " after " + older,
                () -> newest(member).filter(r -> r.timeline() > older.timeline()));
    }

    private Optional<Reign> newest(Member member) {
        return reigns().stream()
                .filter(r -> r.server().equals(member.name()))
                .max(Comparator.comparingInt(Reign::timeline));
    }

    /** Whatever that server has accepted until now does not count. */
    void forget(Member member) {
        synchronized (reigns) {
            reigns.values().removeIf(r -> r.server().equals(member.name()));
        }
    }

    private List<Reign> reigns() {
        synchronized (reigns) {
            return List.copyOf(reigns.values());
        }
    }

    private void watch(Member member) {
        while (!closed) {
            try (var connection = login.to(member.server(), "-c", "synchronous_commit=off")) {
                while (!closed) {
                    look(connection, member);
                    Thread.sleep(PAUSE_MS);
                }
            } catch (SQLException e) {
                pause();
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void look(Connection connection, Member member) throws SQLException {
        try (var statement = connection.createStatement()) {
            try (var rows = statement.executeQuery("select pg_is_in_recovery()")) {
                rows.next();
                if (rows.getBoolean(1)) {
                    return;
                }
            }
            double sent = uptime();
            try (var rows = statement.executeQuery(WRITE.formatted(member.name()))) {
                rows.next();
                accepted(member.name(), rows.getInt(1), sent, uptime());
            }
        }
    }

    private void accepted(String server, int timeline, double sent, double acknowledged) {
        synchronized (reigns) {
            reigns.merge(
                    server + "/" + timeline,
                    new Reign(server, timeline, acknowledged, sent),
                    (known, one) -> known.extended(sent));
        }
    }

    /** Seconds since boot: the clock of the runner's instants. */
    static double uptime() {
        try {
            return Double.parseDouble(Files.readString(Path.of("/proc/uptime")).split(" ")[0]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed = true;
        Onlooker.eventually(
                "the watch ends", () -> assertThat(threads).allMatch(thread -> !thread.isAlive()));
    }
}
