package io.kumki.sim;

import io.kumki.core.model.Action;
import io.kumki.core.model.Action.Source;
import io.kumki.core.model.Runner;
import io.kumki.core.model.Runner.Result;
import java.util.Optional;

/** The runner of one machine, after docs/RUNNER.md: looks around about ten times a second. */
final class SimRunner {
    /** Between two looks, at most. */
    static final long MOST_MILLIS = 120;

    private static final int JITTER_MILLIS = 20;

    private final SimNode node;
    private final SimServer server;
    private final SimCluster cluster;
    private final RunnerJobs jobs;
    private boolean up;
    private long frozenUntil;
    private int life;
    private long ack;
    private Result result = Result.NONE;
    private String error = "";
    private String incident = "";
    private boolean tried;
    private long armed;
    private long armedUntil;
    private long killAt;
    private boolean stopsAtOnce;
    private SharedFolder.Written order;

    SimRunner(SimNode node) {
        this.node = node;
        this.server = node.server;
        this.cluster = node.cluster;
        this.jobs = new RunnerJobs(node);
    }

    long armed() {
        return armed;
    }

    boolean up() {
        return up;
    }

    /** What an earlier runner has acknowledged, and did not finish, is not begun again. */
    void start() {
        up = true;
        life++;
        ack = node.shared.acknowledged();
        result = Result.NONE;
        if (node.shared.working()) {
            finish(Result.FAILED, "the runner ended while it worked on this order");
        }
        armed = 0;
        stopsAtOnce = false;
        int mine = life;
        cluster.time.after(cluster.random.nextInt(100), () -> look(mine));
    }

    void powerOff() {
        up = false;
        frozenUntil = 0;
        jobs.cancel();
    }

    void freeze(long millis) {
        frozenUntil = Math.max(frozenUntil, cluster.time.now() + millis);
    }

    void thaw() {
        frozenUntil = 0;
    }

    private void look(int mine) {
        if (!up || mine != life) {
            return;
        }
        long wait = MOST_MILLIS - JITTER_MILLIS + cluster.random.nextInt(JITTER_MILLIS);
        cluster.time.after(wait, () -> look(mine));
        if (frozenUntil > cluster.time.now()) {
            return;
        }
        noteEnd();
        watchPromotion();
        watchLease();
        node.keepsakes.watch(cluster.time.now());
        node.shared.order().filter(o -> o.id() > ack).ifPresent(this::take);
        if (result == Result.RUNNING) {
            advance();
        }
        write();
    }

    private void noteEnd() {
        if (!server.running()) {
            armed = 0;
            stopsAtOnce = false;
        } else if (stopsAtOnce && (node.uptime() >= killAt || !server.frozen())) {
            server.end(SimServer.Phase.STOPPED);
        }
    }

    /** {@code standby.signal} is gone, and no order of ours removed it. */
    private void watchPromotion() {
        if (server.phase() == SimServer.Phase.PROMOTING && armed == 0 && !stopsAtOnce) {
            incident = "it left recovery without an order";
            stopAtOnce();
            if (result == Result.RUNNING) {
                finish(Result.FAILED, incident);
            }
        }
    }

    private void watchLease() {
        if (armed == 0 || stopsAtOnce) {
            return;
        }
        var lease = node.shared.lease();
        boolean ahead = lease.deadline() > node.uptime();
        if (ahead && lease.term() > armed && armedUntil > node.uptime()) {
            arm(lease.term());
        } else if (ahead && lease.term() == armed) {
            armedUntil = lease.deadline();
        } else if (!cluster.has(SimCluster.Bug.NO_HAND)) {
            fireHand(lease);
        }
    }

    private void fireHand(SharedFolder.Lease lease) {
        cluster.trace(node.name + ": hand fires for term " + armed);
        if (result == Result.RUNNING && order.order() instanceof Action.BePrimary) {
            finish(Result.FAILED, "the lease of term " + armed + " ended");
        }
        stopAtOnce();
        if (lease.kill() > 0) {
            killAt = Math.min(killAt, lease.kill());
        }
    }

    private void arm(long term) {
        armed = term;
        armedUntil = node.shared.lease().deadline();
    }

    private boolean leaseAllows() {
        var lease = node.shared.lease();
        return lease.term() == order.term() && lease.deadline() > node.uptime();
    }

    /** SIGQUIT ends what is not frozen at once, SIGKILL the rest a second later. */
    private void stopAtOnce() {
        stopsAtOnce = true;
        killAt = node.uptime() + 1_000;
        if (server.frozen()) {
            server.quitsOnThaw();
        } else {
            server.end(SimServer.Phase.STOPPED);
        }
    }

    private void take(SharedFolder.Written next) {
        boolean cuts = next.kind().equals("clone") || next.kind().equals("stop");
        if (jobs.rewinding() && !cuts) {
            return;
        }
        boolean bootstraps = next.order() instanceof Action.BePrimary p && p.bootstrap();
        if (!(jobs.bootstrapping() && bootstraps)) {
            jobs.cancel();
        }
        order = next;
        ack = next.id();
        result = Result.RUNNING;
        error = "";
        tried = false;
        boolean foreign =
                !next.systemId().isEmpty()
                        && !server.systemId().isEmpty()
                        && !next.systemId().equals(server.systemId());
        if (foreign) {
            finish(Result.REFUSED, "the directory's system identifier is " + server.systemId());
        }
    }

    private void finish(Result how, String why) {
        result = how;
        error = why;
        incident = how == Result.DONE ? "" : incident;
        cluster.trace(node.name + ": runner " + how + " " + order.kind() + " " + why);
    }

    private void advance() {
        if (server.openedShort() && !server.running() && !(order.order() instanceof Action.Stop)) {
            armed = 0;
            finish(Result.SHORT, "recovery ended below what it had");
            return;
        }
        switch (order.order()) {
            case Action.BePrimary primary -> advancePrimary(primary);
            case Action.BeStandby standby -> advanceStandby(standby.source());
            case Action.Rewind rewind -> advanceJob("rewind", rewind.source());
            case Action.Clone clone -> advanceJob("clone", clone.source());
            case Action.Stop stop -> advanceStop(stop);
        }
    }

    private void advanceStop(Action.Stop stop) {
        if (!server.running()) {
            finish(Result.DONE, "");
        } else if (stop.immediate() && !stopsAtOnce) {
            stopAtOnce();
        } else if (!server.frozen()) {
            server.stopFast();
        }
    }

    private void advancePrimary(Action.BePrimary primary) {
        if (!leaseAllows()) {
            finish(Result.REFUSED, "no lease of term " + order.term() + " that still runs");
            return;
        }
        switch (server.phase()) {
            case PRIMARY -> {
                arm(order.term());
                server.gate.reload(primary.syncNames());
                finish(Result.DONE, "");
            }
            case STANDBY -> {
                if (!server.frozen()) {
                    arm(order.term());
                    server.receiver.follow(Optional.empty());
                    server.promote(order.term(), primary.least());
                }
            }
            case STOPPED, CRASHED -> startPrimary(primary);
            case EMPTY -> bootstrap(primary);
            case STARTING -> {
                if (server.restartsItself()) {
                    arm(order.term());
                    server.gate.reload(primary.syncNames());
                    finish(Result.DONE, "");
                }
            }
            case PROMOTING, STOPPING -> {}
        }
    }

    private void startPrimary(Action.BePrimary primary) {
        if (server.remains().control().endsWith("recovery")) {
            finish(
                    Result.REFUSED,
                    "the directory was a standby's: it would go on without a timeline of its own");
            return;
        }
        if (tried) {
            finish(Result.FAILED, "the server ended while it started");
            return;
        }
        tried = true;
        arm(order.term());
        server.receiver.follow(Optional.empty());
        server.startPrimary(primary.syncNames());
    }

    private void bootstrap(Action.BePrimary primary) {
        if (!primary.bootstrap()) {
            finish(Result.REFUSED, "PGDATA is empty and the order does not say bootstrap=yes");
        } else if (!jobs.busy()) {
            jobs.bootstrap();
        }
    }

    private void advanceStandby(Optional<Source> source) {
        switch (server.phase()) {
            case EMPTY -> finish(Result.REFUSED, "PGDATA is empty");
            case PRIMARY, PROMOTING -> stopAtOnce();
            case STARTING, STANDBY -> {
                if (server.startsAsPrimary()) {
                    stopAtOnce();
                    return;
                }
                server.receiver.follow(source.map(s -> s.address().host()));
                if (server.phase() == SimServer.Phase.STANDBY) {
                    finish(Result.DONE, "");
                }
            }
            case STOPPED, CRASHED -> {
                if (tried) {
                    finish(Result.FAILED, "the server ended while it started");
                    return;
                }
                tried = true;
                server.receiver.follow(source.map(s -> s.address().host()));
                server.startStandby();
            }
            case STOPPING -> {}
        }
    }

    private void advanceJob(String kind, Source source) {
        if (jobs.done()) {
            advanceStandby(Optional.of(source));
        } else if (jobs.failed().isPresent()) {
            finish(Result.FAILED, jobs.failed().get());
        } else if (!jobs.busy() && kind.equals("clone")) {
            jobs.clone(source.address().host());
        } else if (!jobs.busy() && ended()) {
            jobs.rewind((Action.Rewind) order.order(), order.term());
        }
        if (jobs.readyToSwap() && ended()) {
            jobs.swap();
        }
    }

    private boolean ended() {
        if (server.running() && !stopsAtOnce) {
            stopAtOnce();
        }
        return !server.running();
    }

    private void write() {
        var source = server.receiver.source().map(s -> s + ":" + SimNode.PORT).orElse("");
        node.shared.write(
                serverState(),
                new Runner(
                        "",
                        ack,
                        result,
                        error,
                        armed,
                        0,
                        server.wal.history(),
                        jobs.work(),
                        source,
                        -1,
                        incident),
                server.remains(),
                node.uptime());
    }

    private String serverState() {
        return switch (server.phase()) {
            case EMPTY -> "empty";
            case STOPPED -> "stopped";
            case CRASHED -> "crashed";
            case STARTING -> server.restartsItself() ? "primary" : "starting";
            case STANDBY, PROMOTING -> "standby";
            case PRIMARY -> "primary";
            case STOPPING -> "stopping";
        };
    }
}
