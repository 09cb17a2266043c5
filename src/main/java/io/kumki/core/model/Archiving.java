package io.kumki.core.model;

import java.util.Optional;

/**
 * What a server's archiver does ({@code pg_stat_archiver}, {@code pg_ls_archive_statusdir}), as it
 * was a moment ago.
 *
 * @param on it archives now: a standby does so with {@code archive_mode = always} only
 * @param files finished files that wait for the archive; -1: not known
 * @param bytes what they hold
 * @param archived files since the server's statistics began
 * @param failures attempts that failed since then
 * @param sinceArchived milliseconds since the last file was archived; -1: never
 * @param sinceFailed milliseconds since the last attempt failed; -1: never
 * @param failedWal what could not be archived then; empty if nothing ever failed
 * @param oldest milliseconds that the first of these files has waited; -1: not known
 */
public record Archiving(
        boolean on,
        long files,
        long bytes,
        long archived,
        long failures,
        long sinceArchived,
        long sinceFailed,
        String failedWal,
        long oldest) {
    /** Milliseconds. */
    private static final long HANGS = 15_000;

    /** Nothing is archived here. */
    public static final Archiving OFF = new Archiving(false, 0, 0, 0, 0, -1, -1, "", -1);

    /** It archives, and no more is known. */
    public static final Archiving UNKNOWN = new Archiving(true, -1, -1, 0, 0, -1, -1, "", -1);

    /**
     * The last attempt failed and something waits. Statistics outlive a change of roles, so an old
     * failure alone says nothing.
     */
    public boolean failing() {
        return on
                && files > 0
                && sinceFailed >= 0
                && (sinceArchived < 0 || sinceFailed < sinceArchived);
    }

    /** One that failed would be tried again soon: it hangs, as on a network disk that is gone. */
    public boolean hanging() {
        return on
                && files > 0
                && oldest > HANGS
                && (sinceArchived < 0 || sinceArchived > HANGS)
                && (sinceFailed < 0 || sinceFailed > HANGS);
    }

    /** More waits than {@code limit} bytes. */
    public boolean behind(long limit) {
        return on && bytes > limit;
    }

    /** One sentence for people; empty if all is well, or nothing is archived. */
    public Optional<String> trouble(long limit) {
        if (failing()) {
            return Optional.of(
                    "archiving fails, last with %s %d s ago; %d files (%d MB) wait"
                            .formatted(failedWal, sinceFailed / 1000, files, bytes >> 20));
        }
        if (hanging()) {
            return Optional.of(
                    ("archive_command hangs: nothing was archived or failed for %d s;"
                                    + " %d files (%d MB) wait")
                            .formatted(oldest / 1000, files, bytes >> 20));
        }
        return behind(limit)
                ? Optional.of(
                        "the archive is behind: %d files (%d MB) wait, %d MB may"
                                .formatted(files, bytes >> 20, limit >> 20))
                : Optional.empty();
    }
}
