package io.kumki.sim;

import io.kumki.agent.Snapshot;
import io.kumki.core.model.ClusterRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** One machine: its clock, its disk, its server and runner, and its agent. */
final class SimNode {
    static final int PORT = 5432;

    /** As LeaseRule has it. */
    private static final long KILL_BEFORE_END = 100;

    final String name;
    final boolean witness;
    final SimCluster cluster;
    final double rate;
    final SimDisk disk = new SimDisk();
    final SimServer server;
    final SimRunner runner;
    final Keepsakes keepsakes;
    SharedFolder shared = new SharedFolder();
    private final List<String> rules = new ArrayList<>();
    private Optional<SimAgent> agent = Optional.empty();
    private Optional<ClusterRecord> seen = Optional.empty();
    private Optional<Snapshot> published = Optional.empty();
    private long bootedAt;
    private long startOfClock;
    private boolean powered;
    private int incarnations;
    private long leaseTerm;
    private long leaseEnd;
    private long thawsAt = Long.MIN_VALUE;

    SimNode(String name, boolean witness, SimCluster cluster) {
        this.name = name;
        this.witness = witness;
        this.cluster = cluster;
        this.rate = 1 + 0.05 * cluster.random.nextDouble();
        this.server = new SimServer(this, cluster);
        this.runner = new SimRunner(this);
        this.keepsakes = new Keepsakes(this);
    }

    /** This machine's {@code /proc/uptime} in ms: begins anew at each boot, runs up to 5 % fast. */
    long uptime() {
        return startOfClock + (long) (rate * (cluster.time.now() - bootedAt));
    }

    void powerOn() {
        if (powered) {
            return;
        }
        powered = true;
        bootedAt = cluster.time.now();
        startOfClock = 10_000 + cluster.random.nextInt(1_000_000);
        shared = new SharedFolder();
        startContainer();
        startAgent();
    }

    void powerOff() {
        cluster.trace(name + ": power off");
        stopAgent();
        powered = false;
        stopContainer();
    }

    /** The server's container, with the runner as its first process. */
    void startContainer() {
        if (powered && !witness && !runner.up()) {
            cluster.trace(name + ": server's container starts");
            runner.start();
        }
    }

    /** Server and runner end at once, and nobody is left to say so; the agent lives. */
    void killContainer() {
        cluster.trace(name + ": server's container killed");
        stopContainer();
    }

    /** {@code docker pause}: server and runner stand still, the agent does not. */
    void freezeContainer(long millis) {
        cluster.trace(name + ": server's container frozen for " + millis);
        server.freeze(millis);
        runner.freeze(millis);
        thawsAt = Math.max(thawsAt, cluster.time.now() + millis);
    }

    /**
     * A server that was frozen with its runner goes on with what it was doing until the runner has
     * looked at the lease: nothing on this machine can be quicker (docs/FAILURE_MODES.md).
     */
    boolean thawing() {
        long now = cluster.time.now();
        return thawsAt <= now && now <= thawsAt + SimRunner.MOST_MILLIS;
    }

    private void stopContainer() {
        runner.powerOff();
        server.end(SimServer.Phase.CRASHED);
    }

    void startAgent() {
        if (powered && agent.isEmpty()) {
            cluster.trace(name + ": agent starts");
            var next = new SimAgent(this, "i" + ++incarnations);
            agent = Optional.of(next);
            next.start();
        }
    }

    void stopAgent() {
        agent.ifPresent(SimAgent::end);
        agent = Optional.empty();
    }

    Optional<SimAgent> agent() {
        return agent;
    }

    void heal() {
        if (thawsAt > cluster.time.now()) {
            thawsAt = cluster.time.now();
        }
        server.thaw();
        runner.thaw();
        agent.ifPresent(SimAgent::thaw);
        powerOn();
        startContainer();
        startAgent();
    }

    /** A message for whatever agent lives here when it arrives. */
    void reach(Consumer<SimAgent> message) {
        agent.ifPresent(a -> a.received(() -> message.accept(a)).run());
    }

    /** The agent told the runner how long the server may write. */
    void granted(SharedFolder.Lease lease) {
        if (lease.kill() == 0) {
            return;
        }
        long end = lease.kill() + KILL_BEFORE_END;
        leaseTerm = lease.term();
        leaseEnd = bootedAt + (long) Math.ceil((end - startOfClock) / rate) + 1;
    }

    /** In true time, by this machine's clock and the ttl of the last committed renewal. */
    boolean leaseRuns() {
        return cluster.time.now() <= leaseEnd;
    }

    long leaseTerm() {
        return leaseTerm;
    }

    void published(Snapshot snapshot) {
        var rule = snapshot.decision().rule().id();
        seen = snapshot.view().register();
        published = Optional.of(snapshot);
        if (rules.isEmpty() || !rules.get(rules.size() - 1).equals(rule)) {
            rules.add(rule);
            cluster.trace(
                    "%s: %s %s (%s; %s)"
                            .formatted(
                                    name,
                                    rule,
                                    snapshot.decision().action().getClass().getSimpleName(),
                                    snapshot.decision().because(),
                                    snapshot.view().lease()));
        }
    }

    /** The rules that decided here, in order, equal ones in a row once. */
    List<String> rules() {
        return rules;
    }

    Optional<ClusterRecord> record() {
        return seen;
    }

    /** The last finished tick of an agent here. */
    Optional<Snapshot> snapshot() {
        return published;
    }
}
