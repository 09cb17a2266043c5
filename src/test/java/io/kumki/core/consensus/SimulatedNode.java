package io.kumki.core.consensus;

import io.kumki.adapter.register.EmbeddedRegister;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/** One agent: a process that can be killed or frozen, on a machine with a disk and a clock. */
final class SimulatedNode {

    private static final long FORMATION_TICK_MILLIS = 40;
    private static final long OPERATOR_TICK_MILLIS = 400;

    private final String name;
    private final SimulatedCluster cluster;
    private final Function<String, String> renewalOf;
    private final SimulatedDisk disk = new SimulatedDisk();
    private final double clockRate;
    private final long clockOffset;
    private Consumer<SimulatedNode> whenStarted = node -> {};
    private int incarnation;
    private boolean up;
    private boolean lost;
    private long frozenUntil;
    private int readmissions;
    private Acceptor acceptor;
    private Proposer proposer;
    private EmbeddedRegister register;

    SimulatedNode(String name, SimulatedCluster cluster, Function<String, String> renewalOf) {
        this.name = name;
        this.cluster = cluster;
        this.renewalOf = renewalOf;
        this.clockRate = 1 + 0.05 * cluster.random.nextDouble();
        this.clockOffset = cluster.random.nextLong(1_000_000);
        if (cluster.bug(SimulatedCluster.Bug.ANSWERS_BEFORE_THE_FSYNC)) {
            disk.lying();
        }
    }

    String name() {
        return name;
    }

    int incarnation() {
        return incarnation;
    }

    Acceptor acceptor() {
        return acceptor;
    }

    EmbeddedRegister register() {
        return register;
    }

    SimulatedDisk disk() {
        return disk;
    }

    boolean up() {
        return up;
    }

    boolean lost() {
        return lost;
    }

    /** This machine's uptime in ms: runs up to 5 % fast. */
    long clock() {
        return clockOffset + (long) (clockRate * cluster.time.now());
    }

    long trueTimeOf(long clock) {
        return (long) Math.ceil((clock - clockOffset) / clockRate);
    }

    void whenStarted(Consumer<SimulatedNode> task) {
        whenStarted = task;
    }

    void start() {
        up = true;
        frozenUntil = 0;
        proposer = new Proposer(name, "i" + incarnation, cluster.names());
        register =
                new EmbeddedRegister(
                        proposer,
                        (to, message) -> cluster.send(this, to, message),
                        (delay, task) -> later(delay.toMillis(), task),
                        cluster.random);
        reached(
                () -> {
                    acceptor =
                            new Acceptor(
                                    new AcceptorStore(disk),
                                    renewalOf,
                                    proposer::highestIssued,
                                    clock());
                    form();
                    operate();
                    whenStarted.accept(this);
                });
    }

    /** Ends the process, or the whole machine. */
    void crash(boolean power) {
        up = false;
        incarnation++;
        disk.neverKill();
        if (power) {
            disk.losePower(cluster.random);
        }
        cluster.time.after(1 + cluster.random.nextLong(400), this::recover);
    }

    void crashAndLoseFile() {
        crash(true);
        lost |= disk.has(AcceptorStore.FILE);
        // Damage before the first vote needs an operator who removes the file; not played here.
        boolean damage = cluster.history.commits() > 0 && cluster.random.nextBoolean();
        if (damage && disk.has(AcceptorStore.FILE)) {
            int at = cluster.random.nextInt(20);
            disk.change(AcceptorStore.FILE, content -> flipped(content, at));
        } else {
            disk.lose(AcceptorStore.FILE);
        }
    }

    void recover() {
        frozenUntil = 0;
        disk.full(false);
        if (!up) {
            start();
        }
    }

    /** The process stands still; its runner and its clock do not. */
    void freeze(long millis) {
        frozenUntil = cluster.time.now() + millis;
    }

    Reply vote(Message message) {
        return acceptor.handle(message, clock());
    }

    /** Runs in this process after a delay by its own clock. */
    void later(long millis, Runnable task) {
        cluster.time.after((long) (millis / clockRate), guarded(incarnation, task));
    }

    /** Runs only in that process, and not while it is frozen. */
    Runnable guarded(int process, Runnable task) {
        return () -> {
            if (up && process == incarnation) {
                reached(task);
            }
        };
    }

    /** Something reaches this machine: whatever process lives there takes it. */
    void reached(Runnable task) {
        if (!up) {
            return;
        }
        if (frozenUntil > cluster.time.now()) {
            cluster.time.after(frozenUntil - cluster.time.now(), guarded(incarnation, task));
            return;
        }
        try {
            task.run();
        } catch (SimulatedDisk.Killed killed) {
            crash(cluster.random.nextBoolean());
        }
    }

    private void form() {
        if (acceptor.votes()) {
            lost = false;
            return;
        }
        if (cluster.bug(SimulatedCluster.Bug.VOTES_AFTER_LOSING_ITS_FILE) && lost) {
            disk.lose(AcceptorStore.FILE);
            acceptor =
                    new Acceptor(
                            new AcceptorStore(disk), renewalOf, proposer::highestIssued, clock());
            acceptor.follow(new Formation.Form("planted bug"));
            acceptor.follow(new Formation.Open("planted bug"));
        }
        Map<String, Formation.Voter> answers = new HashMap<>();
        var others = cluster.namesBut(name);
        for (var other : others) {
            cluster.ask(
                    this,
                    other,
                    SimulatedNode::report,
                    voter -> {
                        answers.put(other, voter);
                        follow(answers);
                    });
        }
        later(FORMATION_TICK_MILLIS, this::form);
    }

    private void follow(Map<String, Formation.Voter> answers) {
        acceptor.follow(
                Formation.judge(acceptor.status().standing(), cluster.namesBut(name), answers));
    }

    private Formation.Voter report() {
        return new Formation.Voter(acceptor.status().standing(), proposer.highestIssued());
    }

    /** The operator re-admits a voter that says it lost its state, until it works. */
    private void operate() {
        later(OPERATOR_TICK_MILLIS, this::operate);
        if (acceptor.status().standing() == Standing.ABSTAINING) {
            var attempt =
                    new Readmission(
                            name + "/r" + readmissions++,
                            cluster.namesBut(name),
                            proposer.highestIssued());
            register.readmit(attempt).subscribe().with(this::concludeReadmission);
        }
    }

    private void concludeReadmission(Readmission.Result result) {
        if (result instanceof Readmission.Won won) {
            // Aside, because a kill in the middle of it must not end in Mutiny's hands.
            later(
                    0,
                    () -> {
                        if (!acceptor.votes()) {
                            acceptor.readmitted(won.state(), clock());
                        }
                    });
        }
    }

    private static byte[] flipped(byte[] content, int at) {
        if (at < content.length) {
            content[at] ^= 1;
        }
        return content;
    }
}
