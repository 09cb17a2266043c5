package io.kumki.sim;

import io.kumki.core.model.LocalServer.Synchronous;
import io.kumki.core.model.LocalServer.Walsender;
import io.kumki.core.model.Lsn;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Synchronous replication as PostgreSQL does it: a new setting is seen by new sessions at once, by
 * the walsenders a little later, and commits begin or cease to wait when the checkpointer has read
 * it, which may take long.
 */
final class CommitGate {
    private static final long SENDER_TIMEOUT_MILLIS = 2_000;

    private static final class Sender {
        private long flushed;
        private long heardAt;
    }

    private final SimCluster cluster;
    private final Consumer<Wal.Entry> acknowledge;
    private final Map<String, Sender> senders = new TreeMap<>();
    private final List<Wal.Entry> waiting = new ArrayList<>();
    private String names = "";
    private String sendersNames = "";
    private boolean commitsWait;
    private int changes;
    private boolean applied = true;
    private long appliedAt;

    CommitGate(SimCluster cluster, Consumer<Wal.Entry> acknowledge) {
        this.cluster = cluster;
        this.acknowledge = acknowledge;
    }

    /** A start of the server reads the setting before the first session. */
    void open(String startNames) {
        changes++;
        applied = true;
        names = startNames;
        sendersNames = startNames;
        commitsWait = !startNames.isEmpty();
        close();
    }

    /** The server ends: nobody waits any more, and nobody was answered. */
    void close() {
        senders.clear();
        waiting.clear();
    }

    void reload(String next) {
        if (next.equals(names)) {
            return;
        }
        names = next;
        int change = ++changes;
        applied = false;
        appliedAt = cluster.time.now() + 20;
        cluster.time.after(cluster.random.nextInt(100), () -> tellSenders(change));
        cluster.time.after(cluster.checkpointerLag(), () -> apply(change));
    }

    private void tellSenders(int change) {
        if (change == changes) {
            sendersNames = names;
            release();
        }
    }

    private void apply(int change) {
        if (change != changes) {
            return;
        }
        applied = true;
        commitsWait = !names.isEmpty();
        if (!commitsWait) {
            waiting.forEach(acknowledge);
            waiting.clear();
        }
    }

    int waiting() {
        return waiting.size();
    }

    void committed(Wal.Entry entry) {
        if (commitsWait) {
            waiting.add(entry);
        } else {
            acknowledge.accept(entry);
        }
    }

    void heard(String standby, long flushed) {
        var sender = senders.computeIfAbsent(standby, n -> new Sender());
        sender.flushed = flushed;
        sender.heardAt = cluster.time.now();
        release();
    }

    void left(String standby) {
        senders.remove(standby);
    }

    private void release() {
        var synchronous = senders.get(sendersNames.replace("\"", ""));
        if (synchronous == null) {
            return;
        }
        for (Iterator<Wal.Entry> all = waiting.iterator(); all.hasNext(); ) {
            var entry = all.next();
            if (entry.end() <= synchronous.flushed) {
                all.remove();
                acknowledge.accept(entry);
            }
        }
    }

    /** True if every standby that is connected has all of it. */
    boolean allHave(long end) {
        expire();
        return senders.values().stream().allMatch(s -> s.flushed >= end);
    }

    private void expire() {
        long dead = cluster.time.now() - SENDER_TIMEOUT_MILLIS;
        senders.values().removeIf(s -> s.heardAt < dead);
    }

    List<Walsender> walsenders() {
        expire();
        var rows = new ArrayList<Walsender>();
        senders.forEach(
                (name, sender) -> {
                    var state = sendersNames.equals("\"" + name + "\"") ? "sync" : "async";
                    rows.add(new Walsender(name, "streaming", state, new Lsn(sender.flushed), 0));
                });
        return rows;
    }

    /** Right after the signal the checkpointer may still look idle: it has not seen it yet. */
    Synchronous seen() {
        boolean idle = applied || cluster.time.now() < appliedAt || cluster.skipsProof();
        return new Synchronous(names, idle);
    }
}
