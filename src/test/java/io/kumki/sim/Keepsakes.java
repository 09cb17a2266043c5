package io.kumki.sim;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a machine's disk holds beside its data directory (I5): records of WAL, by their ids. What
 * may be deleted is judged as the runner does it, by timelines and positions; the ids are the
 * checker's, to see whether that was right.
 */
final class Keepsakes {
    /** As the runner's watch_clone: so long must a clone stream before the old one goes. */
    private static final long STREAMS_MILLIS = 10_000;

    /** A directory that a clone replaced. */
    private record Old(Wal wal, boolean primary, boolean salvaged) {}

    private final SimNode node;
    private final Set<Long> kept = new HashSet<>();
    private Optional<Old> beforeClone = Optional.empty();
    private boolean streamed = true;
    private boolean salvaged;
    private long since = Long.MAX_VALUE;

    Keepsakes(SimNode node) {
        this.node = node;
    }

    /** The runner copies the WAL from there on to its salvage folder before it rewinds. */
    void salvage(long fork) {
        if (node.cluster.has(SimCluster.Bug.NO_SALVAGE)) {
            return;
        }
        node.server.wal.entries().stream()
                .filter(e -> e.end() > fork)
                .forEach(e -> kept.add(e.id()));
        salvaged = true;
    }

    /** What it writes from now on is in no salvage. */
    void started() {
        salvaged = false;
    }

    /** A clone takes the directory's place; one that never streamed does not replace the first. */
    void replace(Runnable swap) {
        var old = new Old(copy(), node.server.remains().wasPrimary(), salvaged);
        swap.run();
        if (streamed || beforeClone.isEmpty()) {
            beforeClone = Optional.of(old).filter(o -> o.wal().size() > 0);
        } else {
            retire(old);
        }
        streamed = false;
        salvaged = false;
        since = Long.MAX_VALUE;
    }

    private Wal copy() {
        var copy = new Wal();
        copy.copy(node.server.wal);
        return copy;
    }

    void watch(long now) {
        boolean streams =
                node.server.phase() == SimServer.Phase.STANDBY && node.server.receiver.streaming();
        if (streamed || !streams) {
            since = Long.MAX_VALUE;
        } else if (since == Long.MAX_VALUE) {
            since = now;
        } else if (now - since >= STREAMS_MILLIS) {
            streamed = true;
            beforeClone.ifPresent(this::retire);
            beforeClone = Optional.empty();
        }
    }

    /** Deleted where its successor has all of it; kept for a person to judge where it may not. */
    private void retire(Old old) {
        if (!old.salvaged() && !contained(old)) {
            kept.addAll(ids(old.wal().entries()));
        }
    }

    private boolean contained(Old old) {
        var successor = node.server.wal;
        if (node.cluster.has(SimCluster.Bug.NO_SALVAGE)) {
            return true;
        }
        if (!successor.history().containsAll(old.wal().history())) {
            return false;
        }
        boolean same = old.wal().timeline() == successor.timeline();
        return !(same && old.primary())
                && old.wal().end() <= successor.leftAt(old.wal().timeline());
    }

    /** In the data directory, in one that a clone replaced, or in the salvage. */
    boolean hold(long id) {
        return kept.contains(id)
                || beforeClone.filter(old -> ids(old.wal().entries()).contains(id)).isPresent()
                || ids(node.server.wal.entries()).contains(id);
    }

    private static Set<Long> ids(List<Wal.Entry> entries) {
        var ids = new HashSet<Long>();
        entries.forEach(e -> ids.add(e.id()));
        return ids;
    }
}
