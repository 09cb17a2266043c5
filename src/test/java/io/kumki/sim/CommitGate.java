package io.kumki.sim;

import io.kumki.core.model.LocalServer.Synchronous;
import io.kumki.core.model.LocalServer.Walsender;
import io.kumki.core.model.Lsn;
import io.kumki.core.model.SyncProof;
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
    private int starts;
    private boolean reading;
    private boolean readAgain;
    private String lookedFor = "";
    private int looks;
    private int sightings;

    CommitGate(SimCluster cluster, Consumer<Wal.Entry> acknowledge) {
        this.cluster = cluster;
        this.acknowledge = acknowledge;
    }

    /** A start of the server reads the setting before the first session. */
    void open(String startNames) {
        changes++;
        starts++;
        reading = false;
        readAgain = false;
        names = startNames;
        sendersNames = startNames;
        commitsWait = !startNames.isEmpty();
        forget();
        close();
    }

    /** Another start, or another agent: what was seen of its own commits counts no more. */
    void forget() {
        lookedFor = "";
        looks++;
        sightings = 0;
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
        int start = starts;
        cluster.time.after(cluster.random.nextInt(100), () -> tellSenders(change));
        cluster.time.after(cluster.checkpointerLag(), () -> read(start));
    }

    private void tellSenders(int change) {
        if (change == changes) {
            sendersNames = names;
            release();
        }
    }

    /** The checkpointer reads what the file says by now, and puts it into force a little later. */
    private void read(int start) {
        if (start != starts) {
            return;
        }
        if (reading) {
            readAgain = true;
            return;
        }
        reading = true;
        var found = names;
        cluster.time.after(cluster.random.nextInt(40), () -> apply(start, found));
    }

    private void apply(int start, String found) {
        if (start != starts) {
            return;
        }
        reading = false;
        commitsWait = !found.isEmpty();
        if (!commitsWait) {
            waiting.forEach(acknowledge);
            waiting.clear();
        }
        if (readAgain) {
            readAgain = false;
            read(start);
        }
    }

    String names() {
        return names;
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

    /** What a look tells; a commit of the agent's own is then begun, and seen to wait or not. */
    Synchronous seen() {
        if (!names.equals(lookedFor)) {
            forget();
            lookedFor = names;
        }
        int look = looks;
        cluster.time.after(cluster.random.nextInt(300), () -> sample(look));
        return new Synchronous(names, sightings);
    }

    private void sample(int look) {
        boolean waits = commitsWait || cluster.skipsProof();
        if (look == looks && waits && sightings < SyncProof.ENOUGH) {
            sightings++;
        }
    }
}
