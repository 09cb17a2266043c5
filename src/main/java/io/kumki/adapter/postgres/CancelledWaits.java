package io.kumki.adapter.postgres;

import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.LocalServer.Walsender;
import io.kumki.core.model.Lsn;
import java.util.HashSet;
import java.util.Set;

/**
 * Counts commits whose wait for the standby was ended by somebody (pg_cancel_backend, a client's
 * cancel): PostgreSQL acknowledges them although only the primary has them (SyncRepWaitForLSN:
 * "canceling wait for synchronous replication").
 *
 * <p>A commit that waited for WAL beyond what the standby had flushed, and waits no more while the
 * standby has not moved, was not released by it. Looked at twice, as one look reads its parts one
 * after the other, and a new setting reaches sessions a moment late. Commits during which the
 * standby does move are not told apart, so the count is what there is at least.
 */
final class CancelledWaits {
    private Look last = new Look("", "", Lsn.ZERO, Set.of());
    private Set<String> suspects = Set.of();
    private long cancelled;

    /**
     * @param waiting commits that wait, each by a text of its own
     */
    private record Look(String names, String startedAt, Lsn flushed, Set<String> waiting) {
        boolean sameAs(Look other) {
            return !names.isEmpty()
                    && names.equals(other.names)
                    && startedAt.equals(other.startedAt)
                    && flushed.equals(other.flushed);
        }
    }

    /**
     * @param waiting commits of clients that wait for a standby now
     * @return how many were cancelled since this agent's start, at least
     */
    long look(Primary seen, Set<String> waiting) {
        var flushed =
                seen.walsenders().stream()
                        .filter(w -> !w.syncState().equals("async"))
                        .map(Walsender::flushed)
                        .reduce(Lsn.ZERO, (a, b) -> a.isBefore(b) ? b : a);
        var now =
                new Look(
                        seen.synchronous().names(), seen.startedAt(), flushed, Set.copyOf(waiting));
        if (now.sameAs(last)) {
            cancelled += suspects.size();
            var ended = new HashSet<>(last.waiting());
            ended.removeAll(now.waiting());
            suspects = ended;
        } else {
            suspects = Set.of();
        }
        last = now;
        return cancelled;
    }
}
