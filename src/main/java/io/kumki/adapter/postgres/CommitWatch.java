package io.kumki.adapter.postgres;

import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.SyncProof;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.pgclient.PgConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * Whether commits wait for a standby, found out by commits of our own: one session commits a record
 * that nobody reads, another one watches whether the first waits (docs/adr/0013). After each change
 * of the setting and each start of the server, until it has been seen often enough.
 *
 * <p>A commit that waits for a standby that is gone is left alone: it ends when PostgreSQL no
 * longer waits. Until then no other one is begun.
 */
final class CommitWatch {
    private static final Logger LOG = Logger.getLogger(CommitWatch.class);
    private static final Duration DEADLINE = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofMillis(20);

    /** Two sightings of one moment would be one. */
    private static final long APART_NANOS = Duration.ofMillis(250).toNanos();

    private static final String COMMIT =
            "select pg_logical_emit_message(true, 'kumki', 'does a commit wait')";

    /** The wait event is read from shared memory each time, all else from a snapshot. */
    private static final String SEEN =
            """
            select session.wait_event = 'SyncRep' as waits
              from generate_series(1, 100000) as round,
                   lateral pg_stat_get_activity($1::int + round * 0) as session
             where session.wait_event = 'SyncRep'
                or clock_timestamp() > statement_timestamp() + interval '300 milliseconds'
             limit 1
            """;

    private final KeptConnection committer;
    private final KeptConnection watcher;
    private Subject subject = new Subject("", "");
    private int sightings;
    private long seenAt = System.nanoTime() - APART_NANOS;
    private boolean busy;
    private volatile String complaint = "";

    /** What is being watched: another setting or another start begins anew. */
    private record Subject(String names, String startedAt) {}

    /**
     * @param committing whose commits wait for a standby
     */
    CommitWatch(Login committing, Login watching) {
        this.committer = new KeptConnection(committing);
        this.watcher = new KeptConnection(watching);
    }

    /**
     * Waits for nothing. Commits that are begun from here on were begun after this look.
     *
     * @return how many commits, each begun after an earlier look that saw the same, were seen
     *     waiting
     */
    synchronized int look(Primary seen) {
        var now = new Subject(seen.synchronous().names(), seen.startedAt());
        if (!now.equals(subject)) {
            subject = now;
            sightings = 0;
        }
        if (sightings >= SyncProof.ENOUGH) {
            rest();
        } else if (!busy && answers(seen) && System.nanoTime() - seenAt >= APART_NANOS) {
            busy = true;
            watch(now);
        }
        return sightings;
    }

    /** Without a standby that answers, our commit would only wait along with all others. */
    private static boolean answers(Primary seen) {
        return seen.walsenders().stream()
                .filter(w -> w.syncState().equals("sync"))
                .anyMatch(w -> ("\"" + w.name() + "\"").equals(seen.synchronous().names()));
    }

    /** Two sessions less. */
    private void rest() {
        if (!busy) {
            committer.close();
            watcher.close();
        }
    }

    private void watch(Subject mine) {
        Uni.createFrom()
                .deferred(() -> Uni.combine().all().unis(committer.get(), watcher.get()).asTuple())
                .ifNoItem()
                .after(DEADLINE)
                .failWith(() -> new TimeoutException("no login in " + DEADLINE.toSeconds() + " s"))
                .chain(both -> commit(mine, both.getItem1(), both.getItem2()))
                .onTermination()
                .invoke(this::done)
                .subscribe()
                .with(done -> complain(""), this::failed);
    }

    private Uni<Void> commit(Subject mine, PgConnection commits, PgConnection watches) {
        var over = new AtomicBoolean();
        var watching =
                watches.preparedQuery(SEEN)
                        .execute(Tuple.of(commits.processId()))
                        .map(rows -> rows.size() > 0 && rows.iterator().next().getBoolean(0))
                        .ifNoItem()
                        .after(DEADLINE)
                        .failWith(() -> new TimeoutException("no answer in " + DEADLINE))
                        .invoke(waits -> saw(mine, waits))
                        .onTermination()
                        .invoke(() -> over.set(true));
        return Uni.combine().all().unis(watching, commitUntil(over, commits)).discardItems();
    }

    private static Uni<Void> commitUntil(AtomicBoolean over, PgConnection open) {
        return open.query(COMMIT)
                .execute()
                .chain(
                        () ->
                                over.get()
                                        ? Uni.createFrom().voidItem()
                                        : Uni.createFrom()
                                                .voidItem()
                                                .onItem()
                                                .delayIt()
                                                .by(PAUSE)
                                                .chain(() -> commitUntil(over, open)));
    }

    private synchronized void saw(Subject mine, boolean waits) {
        if (waits && mine.equals(subject)) {
            sightings++;
            seenAt = System.nanoTime();
        }
    }

    private synchronized void done() {
        busy = false;
    }

    private void failed(Throwable failure) {
        committer.close();
        watcher.close();
        complain(
                ("cannot see whether commits wait for the standby: %s. Until then it is not safe to"
                                + " promote; the agent's role needs two more sessions and"
                                + " pg_logical_emit_message (docs/adr/0013)")
                        .formatted(failure.getMessage()));
    }

    /** Once per change: it may fail at every look. */
    private void complain(String now) {
        if (!now.equals(complaint)) {
            complaint = now;
            if (!now.isEmpty()) {
                LOG.warn(now);
            }
        }
    }
}
