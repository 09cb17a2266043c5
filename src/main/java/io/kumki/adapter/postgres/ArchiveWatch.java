package io.kumki.adapter.postgres;

import io.kumki.core.model.Archiving;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.pgclient.PgConnection;
import io.vertx.mutiny.sqlclient.Row;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Asks every two seconds how archiving goes, on a connection of its own: the answer reads a
 * directory, and before PostgreSQL 15 waits for the statistics collector. No poll may wait for
 * that.
 */
final class ArchiveWatch {
    private static final long EVERY_NANOS = Duration.ofSeconds(2).toNanos();
    private static final long FRESH_NANOS = Duration.ofSeconds(15).toNanos();
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final String SQL =
            """
            select waiting.files,
                   waiting.segments * pg_size_bytes(current_setting('wal_segment_size')) as bytes,
                   archiver.archived_count as archived,
                   archiver.failed_count as failures,
                   coalesce(extract(epoch from clock_timestamp() - archiver.last_archived_time)
                            * 1000, -1)::bigint as since_archived,
                   coalesce(extract(epoch from clock_timestamp() - archiver.last_failed_time)
                            * 1000, -1)::bigint as since_failed,
                   coalesce(archiver.last_failed_wal, '') as failed_wal,
                   coalesce(extract(epoch from clock_timestamp() - waiting.since) * 1000,
                            -1)::bigint as oldest
              from pg_stat_archiver as archiver
             cross join (
                   select count(*) as files,
                          count(*) filter (where name !~ '[.](history|backup)[.]') as segments,
                          min(modification) as since
                     from pg_ls_archive_statusdir()
                    where name like '%.ready') as waiting
            """;

    private final KeptConnection connection;
    private final AtomicBoolean busy = new AtomicBoolean();
    private volatile Seen seen = new Seen(Archiving.UNKNOWN, System.nanoTime());
    private volatile long asked = System.nanoTime() - EVERY_NANOS;

    private record Seen(Archiving archiving, long at) {}

    ArchiveWatch(Login login) {
        this.connection = new KeptConnection(login);
    }

    /**
     * Waits for nothing.
     *
     * @param archives as the poll has just seen it
     * @return what was seen last, {@link Archiving#UNKNOWN} if that is too long ago
     */
    Archiving look(boolean archives) {
        if (!archives) {
            forget();
            return Archiving.OFF;
        }
        long now = System.nanoTime();
        if (now - asked >= EVERY_NANOS && busy.compareAndSet(false, true)) {
            asked = now;
            ask();
        }
        var last = seen;
        return now - last.at() > FRESH_NANOS ? Archiving.UNKNOWN : last.archiving();
    }

    private void ask() {
        Uni.createFrom()
                .deferred(connection::get)
                .ifNoItem()
                .after(DEADLINE)
                .failWith(() -> new TimeoutException("no login in " + DEADLINE))
                .chain(ArchiveWatch::query)
                .onTermination()
                .invoke(() -> busy.set(false))
                .subscribe()
                .with(row -> seen = new Seen(read(row), System.nanoTime()), failure -> forget());
    }

    private static Uni<Row> query(PgConnection open) {
        return open.preparedQuery(SQL)
                .execute()
                .map(rows -> rows.iterator().next())
                .ifNoItem()
                .after(DEADLINE)
                .failWith(() -> new TimeoutException("no answer in " + DEADLINE));
    }

    private static Archiving read(Row row) {
        return new Archiving(
                true,
                row.getLong("files"),
                row.getLong("bytes"),
                row.getLong("archived"),
                row.getLong("failures"),
                row.getLong("since_archived"),
                row.getLong("since_failed"),
                row.getString("failed_wal"),
                row.getLong("oldest"));
    }

    private void forget() {
        connection.close();
        seen = new Seen(Archiving.UNKNOWN, System.nanoTime());
    }
}
