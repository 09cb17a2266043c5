package io.kumki.sim;

import io.kumki.core.model.Archiving;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.LocalServer.Remains;
import io.kumki.core.model.LocalServer.Replica;
import io.kumki.core.model.LocalServer.Slot;
import io.kumki.core.model.LocalServer.Unreachable;
import io.kumki.core.model.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** One PostgreSQL server: its directory, its process, and what a session would see. */
final class SimServer {
    /** How far a server is; the first three have no process. */
    enum Phase {
        EMPTY,
        STOPPED,
        CRASHED,
        STARTING,
        STANDBY,
        PROMOTING,
        PRIMARY,
        STOPPING
    }

    final SimNode node;
    final Wal wal = new Wal();
    final CommitGate gate;
    final Receiver receiver;
    private final SimCluster cluster;
    private final Set<String> slots = new TreeSet<>();
    private Phase phase = Phase.EMPTY;
    private boolean startsAsPrimary;
    private boolean restarting;
    private boolean quitting;
    private boolean replayed;
    private String systemId = "";
    private String control = "";
    private int controlTimeline = 1;
    private long shutdownCheckpoint;
    private long consistentAt;
    private long checkpointAt;
    private long frozenUntil;
    private long refusesUntil;
    private int life;
    private int starts;
    private int replayEnds = Integer.MAX_VALUE;
    private boolean openedShort;

    SimServer(SimNode node, SimCluster cluster) {
        this.node = node;
        this.cluster = cluster;
        this.gate = new CommitGate(cluster, e -> cluster.checker.acknowledged(this, e));
        this.receiver = new Receiver(this, cluster);
    }

    Phase phase() {
        return phase;
    }

    String systemId() {
        return systemId;
    }

    boolean running() {
        return phase.compareTo(Phase.STARTING) >= 0;
    }

    /** In recovery, and through with the WAL that it found at its start. */
    boolean receives() {
        return phase == Phase.STANDBY || phase == Phase.STARTING && !startsAsPrimary && replayed;
    }

    boolean startsAsPrimary() {
        return startsAsPrimary;
    }

    boolean writable() {
        return phase == Phase.PRIMARY && !frozen();
    }

    boolean feeds() {
        return !frozen() && Set.of(Phase.PRIMARY, Phase.STANDBY, Phase.STOPPING).contains(phase);
    }

    boolean frozen() {
        return quitting || frozenUntil > cluster.time.now();
    }

    /** Frozen twice, for the longer time. */
    void freeze(long millis) {
        frozenUntil = Math.max(frozenUntil, cluster.time.now() + millis);
    }

    /** What it was sent while it stood still comes before anything else that it does. */
    void quitsOnThaw() {
        quitting = true;
    }

    void thaw() {
        frozenUntil = 0;
        refusesUntil = 0;
    }

    /** It lets no session of the agent's in; all others go on. */
    void refuse(long millis) {
        refusesUntil = Math.max(refusesUntil, cluster.time.now() + millis);
    }

    private void enter(Phase next) {
        phase = next;
        restarting = restarting && next == Phase.STARTING;
        life++;
        receiver.restart();
        cluster.trace(node.name + ": server " + next + " at " + wal.position());
    }

    /** Runs in this phase of this process only; a frozen process goes on when it is thawed. */
    private void later(long millis, Runnable task) {
        int mine = life;
        cluster.time.after(
                millis,
                () -> {
                    if (mine == life) {
                        if (frozen()) {
                            later(Math.max(50, frozenUntil - cluster.time.now()), task);
                        } else {
                            task.run();
                        }
                    }
                });
    }

    void initialise(String newSystemId) {
        wal.clear();
        slots.clear();
        systemId = newSystemId;
        control = "shut down";
        consistentAt = 0;
        controlTimeline = 1;
        enter(Phase.STOPPED);
    }

    void wipe() {
        wal.clear();
        slots.clear();
        systemId = "";
        enter(Phase.EMPTY);
    }

    void startPrimary(String names) {
        node.keepsakes.started();
        startsAsPrimary = true;
        gate.open(names);
        enter(Phase.STARTING);
        later(50 + cluster.random.nextInt(350), this::open);
    }

    /** End of recovery: a checkpoint is part of it. */
    private void open() {
        wal.append(cluster.nextId(), false, 120);
        checkpointed();
        becomePrimary();
    }

    /** A backend was killed: the postmaster lives, ends all sessions and recovers by itself. */
    void restartItself() {
        if (phase == Phase.PRIMARY && !frozen()) {
            restarting = true;
            gate.open(gate.names());
            enter(Phase.STARTING);
            later(50 + cluster.random.nextInt(6_000), this::reopen);
        }
    }

    private void reopen() {
        starts--;
        open();
    }

    /** To its runner it is a primary all the time. */
    boolean restartsItself() {
        return phase == Phase.STARTING && restarting;
    }

    private void becomePrimary() {
        starts++;
        control = "in production";
        enter(Phase.PRIMARY);
        cluster.checker.opened(this);
    }

    void startStandby() {
        node.keepsakes.started();
        startsAsPrimary = false;
        gate.open("");
        replayed = false;
        enter(Phase.STARTING);
        later(50 + cluster.random.nextInt(350), this::recovered);
    }

    private void recovered() {
        control = "in archive recovery";
        replayed = true;
        enter(wal.end() >= consistentAt ? Phase.STANDBY : Phase.STARTING);
    }

    /** WAL came in: a clone becomes consistent at last. */
    void advanced() {
        if (phase == Phase.STARTING && !startsAsPrimary && wal.end() >= consistentAt) {
            enter(Phase.STANDBY);
        }
    }

    /** From now on it receives, but replays nothing: a recovery target, or a broken record. */
    void replayNoFurther() {
        replayEnds = wal.size();
    }

    /** Its last promotion ended below what it was asked for, and it is not touched any more. */
    boolean openedShort() {
        return openedShort;
    }

    void promote(long term, Lsn least) {
        enter(Phase.PROMOTING);
        later(50 + cluster.random.nextInt(350), () -> promoted(term, least));
    }

    /** Past the link that keeps pg_promote() from it; its recovery_end_command refuses it. */
    void promoteByHand() {
        enter(Phase.PROMOTING);
        later(50 + cluster.random.nextInt(350), this::refused);
    }

    private void refused() {
        takeTimeline(0);
        control = "in production";
        controlTimeline = wal.timeline();
        end(Phase.CRASHED);
    }

    private void takeTimeline(long term) {
        wal.keep(replayEnds);
        wal.fork(term);
        wal.append(cluster.nextId(), false, 50);
    }

    private void promoted(long term, Lsn least) {
        if (wal.endOf(replayEnds) < least.bytes()) {
            openedShort = true;
            end(Phase.CRASHED);
            return;
        }
        takeTimeline(term);
        gate.open("");
        becomePrimary();
        later(1_000 + cluster.random.nextInt(7_000), this::checkpointed);
    }

    void checkpointed() {
        controlTimeline = wal.timeline();
        checkpointAt = wal.end();
    }

    /** Orderly: new sessions are refused, the last WAL is sent to the standbys. */
    void stopFast() {
        if (!running() || phase == Phase.STOPPING) {
            return;
        }
        if (phase == Phase.PRIMARY) {
            enter(Phase.STOPPING);
            later(20 + cluster.random.nextInt(200), this::writeShutdownCheckpoint);
        } else {
            enter(Phase.STOPPING);
            later(20 + cluster.random.nextInt(200), () -> end(Phase.STOPPED));
        }
    }

    private void writeShutdownCheckpoint() {
        shutdownCheckpoint = wal.end();
        wal.append(cluster.nextId(), false, 120);
        checkpointed();
        awaitSenders(cluster.time.now() + 3_000);
    }

    private void awaitSenders(long until) {
        if (gate.allHave(wal.end()) || cluster.time.now() > until) {
            control = "shut down";
            end(Phase.STOPPED);
        } else {
            later(20, () -> awaitSenders(until));
        }
    }

    /** SIGKILL, a crash or the end of an immediate stop. */
    void end(Phase as) {
        if (!running()) {
            return;
        }
        quitting = false;
        if (as == Phase.STOPPED && control.contains("archive")) {
            control = "shut down in recovery";
        }
        gate.close();
        frozenUntil = 0;
        enter(as);
    }

    /** A base backup as of now; run it to put it in our directory's place. */
    Runnable copyOf(SimServer source) {
        var copy = new Wal();
        copy.copy(source.wal);
        int timeline = source.controlTimeline;
        var id = source.systemId;
        return () -> {
            wal.copy(copy);
            systemId = id;
            // As copied from a running primary; its first start as a standby changes it.
            control = "in production";
            controlTimeline = timeline;
            consistentAt = wal.end();
            slots.clear();
            enter(Phase.STOPPED);
        };
    }

    void rewound(SimServer source) {
        wal.rewindTo(source.wal);
        control = "in archive recovery";
        controlTimeline = source.controlTimeline;
        consistentAt = Math.max(source.wal.end(), wal.end());
        slots.clear();
        enter(Phase.STOPPED);
    }

    void changeSlots(Set<String> create, Set<String> drop) {
        slots.removeAll(drop);
        slots.addAll(create);
    }

    Remains remains() {
        return new Remains(systemId, controlTimeline, new Lsn(shutdownCheckpoint), control);
    }

    /** What the catalogs say to a session. */
    LocalServer seen() {
        boolean open = phase == Phase.STANDBY || phase == Phase.PROMOTING || phase == Phase.PRIMARY;
        return open && refusesUntil > cluster.time.now()
                ? new Unreachable("too many clients already", 0, true, true)
                : answer();
    }

    private LocalServer answer() {
        return switch (phase) {
            case STANDBY, PROMOTING ->
                    new Replica(
                            systemId,
                            wal.position(),
                            wal.position().lsn(),
                            receiver.seen(),
                            0,
                            0,
                            slots(),
                            0,
                            Archiving.OFF);
            case PRIMARY ->
                    new Primary(
                            systemId,
                            wal.position(),
                            controlTimeline,
                            wal.end() - checkpointAt,
                            node.name + starts,
                            gate.seen(),
                            gate.walsenders(),
                            slots(),
                            LocalServer.Activity.NONE,
                            0,
                            Archiving.OFF);
            case STARTING -> new Unreachable("57P03: in recovery mode", 0, restarting);
            case EMPTY, STOPPED, CRASHED, STOPPING -> new Unreachable("refused", 0, false);
        };
    }

    private List<Slot> slots() {
        var rows = new ArrayList<Slot>();
        slots.forEach(s -> rows.add(new Slot(s, false, false, wal.position().lsn())));
        return rows;
    }

    /** Tells one start as a primary from another. */
    int starts() {
        return starts;
    }
}
