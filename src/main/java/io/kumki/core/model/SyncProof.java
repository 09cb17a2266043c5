package io.kumki.core.model;

import io.kumki.core.model.LocalServer.Primary;
import java.util.Optional;

/**
 * Whether every commit acknowledged from now on is on the synchronous standby.
 *
 * <p>{@code sync_state = 'sync'} alone does not say so. Commits wait only while a flag in shared
 * memory is set, which the checkpointer does when it gets to it ({@code
 * SyncRepUpdateSyncStandbysDefined}), and commits that passed the flag before may still be on their
 * way. So: commits of our own were seen waiting twice since the setting was seen, which shows that
 * the flag is set; then the standby, shown as sync while nobody else is, has flushed all that the
 * primary had flushed by then. See docs/adr/0013.
 *
 * @param names the setting that this is about; while it stays, a proof stays
 * @param barrier what the standby must have flushed; empty before commits were seen waiting twice
 */
public record SyncProof(String names, String startedAt, Optional<Lsn> barrier, boolean proven) {
    /**
     * Commits of our own that must be seen waiting. A single one may have waited for a setting
     * before this one, if the checkpointer is right about to take an older file into force.
     */
    public static final int ENOUGH = 2;

    /** Nothing is known. */
    public static final SyncProof NONE = new SyncProof("", "", Optional.empty(), false);

    /** What one more look at the primary adds. */
    public SyncProof after(Primary primary) {
        var seen = primary.synchronous();
        if (!seen.names().equals(names) || !primary.startedAt().equals(startedAt)) {
            return new SyncProof(seen.names(), primary.startedAt(), Optional.empty(), false);
        }
        var standby =
                primary.walsenders().stream()
                        .filter(w -> ("\"" + w.name() + "\"").equals(names))
                        .filter(w -> w.syncState().equals("sync"))
                        .findFirst();
        boolean alone =
                primary.walsenders().stream().filter(w -> !w.syncState().equals("async")).count()
                        == 1;
        if (proven || standby.isEmpty() || !alone) {
            return this;
        }
        if (barrier.isPresent()) {
            boolean reached = !standby.get().flushed().isBefore(barrier.get());
            return new SyncProof(names, startedAt, barrier, reached);
        }
        return seen.waits() < ENOUGH
                ? this
                : new SyncProof(names, startedAt, Optional.of(primary.position().lsn()), false);
    }
}
