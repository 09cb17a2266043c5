package io.kumki.agent;

import io.kumki.core.model.Lease;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.LocalServer.Replica;
import io.kumki.core.model.LocalServer.Stopped;
import java.util.Optional;

/**
 * Crashes of our server that end without a change of the leader, and so without a receipt: the
 * runner started it again, or PostgreSQL itself did when one of its processes had died. Immutable.
 *
 * @param down the crash that is not mended yet
 * @param running how the primary was last seen to have started; empty: none was seen
 * @param seen milliseconds since 1970 when it was last seen to answer
 * @param crash one that was found mended in the last step
 */
public record CrashWatch(Optional<Down> down, String running, long seen, Optional<Crash> crash) {
    public static final CrashWatch NONE = new CrashWatch(Optional.empty(), "", 0, Optional.empty());

    /**
     * @param at milliseconds since 1970 when it was first seen down
     * @param term of the lease then
     */
    record Down(long at, long term, boolean primary, String error) {}

    /** Who mended it. */
    public enum By {
        /** The postmaster ended all sessions, recovered and went on. */
        POSTGRES,
        /** The runner, on our order. */
        RUNNER
    }

    /**
     * @param millis about how long it did not answer
     * @param primary whether it accepts writes
     * @param error what the runner last said; empty if nothing
     */
    public record Crash(By by, boolean primary, long millis, String error) {}

    public CrashWatch after(Snapshot now) {
        return switch (now.view().local().server()) {
            case Stopped stopped when stopped.crashed() ->
                    down.isPresent()
                            ? still()
                            : new CrashWatch(
                                    Optional.of(fell(stopped, now)), "", seen, Optional.empty());
            case Primary primary -> up(primary, now);
            case Replica replica ->
                    // A former primary rejoins: the receipt of the next leader told it.
                    new CrashWatch(
                            Optional.empty(),
                            "",
                            now.at(),
                            down.filter(d -> !d.primary()).map(d -> mended(d, now)));
            case Stopped stopped -> new CrashWatch(Optional.empty(), "", seen, Optional.empty());
            case LocalServer.Starting starting -> still();
            case LocalServer.Stopping stopping -> still();
            case LocalServer.Unreachable unreachable -> still();
            case LocalServer.Empty empty -> NONE;
        };
    }

    private CrashWatch still() {
        return new CrashWatch(down, running, seen, Optional.empty());
    }

    private static Down fell(Stopped stopped, Snapshot now) {
        return new Down(
                now.at(),
                term(now),
                stopped.remains().wasPrimary(),
                now.view().local().runner().error());
    }

    private static long term(Snapshot now) {
        return now.view().register().map(r -> r.tenure().term()).orElse(0L);
    }

    private CrashWatch up(Primary primary, Snapshot now) {
        boolean ours = now.view().lease() instanceof Lease.Mine;
        var byRunner =
                down.filter(d -> d.primary() && ours && d.term() == term(now))
                        .map(d -> mended(d, now));
        var itself =
                byRunner.isEmpty() && restartedItself(primary.startedAt())
                        ? Optional.of(new Crash(By.POSTGRES, true, now.at() - seen, ""))
                        : Optional.<Crash>empty();
        return new CrashWatch(
                Optional.empty(), primary.startedAt(), now.at(), byRunner.or(() -> itself));
    }

    private static Crash mended(Down down, Snapshot now) {
        return new Crash(By.RUNNER, down.primary(), now.at() - down.at(), down.error());
    }

    /** The postmaster is the same, and its checkpointer another: all its processes began anew. */
    private boolean restartedItself(String now) {
        var before = running.split("\\|", 2);
        var next = now.split("\\|", 2);
        return before.length == 2
                && next.length == 2
                && before[0].equals(next[0])
                && !before[1].equals(next[1]);
    }
}
