package io.kumki.core.model;

import io.kumki.core.model.LocalServer.Primary;
import java.util.Optional;

/**
 * Whether every commit acknowledged from now on is on the synchronous standby.
 *
 * <p>{@code sync_state = 'sync'} alone does not say so. Commits wait only once the checkpointer has
 * read the new configuration (it sets the flag that backends look at, {@code
 * SyncRepUpdateSyncStandbysDefined}), and commits that passed the flag before may still be on their
 * way. So: the standby is shown as sync and nobody else is, the checkpointer was seen idle in its
 * main loop twice since, and then the standby has flushed all that the primary had flushed by then.
 * See docs/adr/0005.
 *
 * @param names the setting that this is about; while it stays, a proof stays
 * @param barrier what the standby must have flushed; empty before the checkpointer was seen twice
 */
public record SyncProof(
        String names, String startedAt, int idle, Optional<Lsn> barrier, boolean proven) {
    /** Nothing is known. */
    public static final SyncProof NONE = new SyncProof("", "", 0, Optional.empty(), false);

    /** What one more look at the primary adds. */
    public SyncProof after(Primary primary) {
        var seen = primary.synchronous();
        if (!seen.names().equals(names) || !primary.startedAt().equals(startedAt)) {
            return new SyncProof(seen.names(), primary.startedAt(), 0, Optional.empty(), false);
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
            return new SyncProof(names, startedAt, idle, barrier, reached);
        }
        int looks = idle + (seen.checkpointerIdle() ? 1 : 0);
        return new SyncProof(
                names,
                startedAt,
                looks,
                looks >= 2 ? Optional.of(primary.position().lsn()) : Optional.empty(),
                false);
    }
}
