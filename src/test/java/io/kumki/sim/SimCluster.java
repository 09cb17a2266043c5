package io.kumki.sim;

import io.kumki.agent.port.Register;
import io.kumki.core.consensus.Outcome;
import io.kumki.core.model.Agreed;
import io.kumki.core.model.Mode;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Peer;
import io.kumki.core.model.Settings;
import io.kumki.wire.Json;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/** Real agents on simulated machines: one thread, virtual time, everything from one seed. */
final class SimCluster {
    static final long TTL = 5_000;
    private static final String WITNESS = "wilma";
    private static final long COMMIT_MILLIS = 40;
    private static final int MOST_WAITING = 30;

    /** Deliberate bugs, to see that the simulation finds them. */
    enum Bug {
        NO_HAND,
        NO_SALVAGE,
        PROOF_SKIPPED,
        LEASE_NOT_AWAITED
    }

    final SimTime time = new SimTime();
    final Random random;
    final Checker checker = new Checker(this);
    final SimNetwork network;
    private final long seed;
    private final Mode mode;
    private final Set<Bug> bugs;
    private final Map<String, SimNode> nodes = new TreeMap<>();
    private final Map<String, Long> ttls = new TreeMap<>();
    private final Map<String, Set<String>> voters = new TreeMap<>();
    private final Map<String, Mode> modes = new TreeMap<>();
    private final Set<String> foreign = new HashSet<>();
    private int rewindFailsPercent = 20;
    private final Set<String> neverLeads = new HashSet<>();
    private boolean lossAccepted;
    private boolean unleashed;
    private long ids;
    private int systems;

    SimCluster(long seed, Mode mode, Set<Bug> bugs, List<String> names) {
        this.seed = seed;
        this.mode = mode;
        this.bugs = bugs.isEmpty() ? EnumSet.noneOf(Bug.class) : EnumSet.copyOf(bugs);
        this.random = new Random(seed);
        this.network = new SimNetwork(time, random);
        for (var name : names) {
            nodes.put(name, new SimNode(name, name.equals(WITNESS), this));
        }
        Infrastructure.setDroppedExceptionHandler(
                failure -> checker.violated("dropped: " + failure, failure));
        time.after(0, this::write);
    }

    void powerOn() {
        nodes.values().forEach(node -> time.after(random.nextInt(300), node::powerOn));
    }

    long seed() {
        return seed;
    }

    Mode mode() {
        return mode;
    }

    String shape() {
        return mode + " " + nodes.keySet();
    }

    Set<String> names() {
        return nodes.keySet();
    }

    SimNode node(String name) {
        return nodes.get(name);
    }

    List<SimNode> nodes() {
        return List.copyOf(nodes.values());
    }

    List<SimNode> dataNodes() {
        return nodes.values().stream().filter(n -> !n.witness).toList();
    }

    /** Its `peers`: of that node's own file, read at its agent's start. */
    void configureVoters(String node, Set<String> names) {
        voters.put(node, new TreeSet<>(names));
    }

    Set<String> voters(String node) {
        return voters.getOrDefault(node, nodes.keySet());
    }

    /** That node's own file says so, whatever the others' say. */
    void configure(String node, long ttl, Mode other) {
        ttls.put(node, ttl);
        modes.put(node, other);
    }

    /** {@code kumki config set}, asked of that agent; it may fail, as everything may. */
    void agree(SimNode asked, UnaryOperator<Agreed> change) {
        asked.agent()
                .map(SimAgent::register)
                .map(register -> register.read().chain(found -> agree(register, found, change)))
                .ifPresent(set -> set.subscribe().with(done -> trace("config set: " + done)));
    }

    private static Uni<Outcome> agree(
            Register register, Outcome found, UnaryOperator<Agreed> change) {
        var codec = new Json.Records();
        if (found instanceof Outcome.Committed read && !read.value().isEmpty()) {
            var now = codec.decode(read.value());
            var agreed = now.agreed().map(change);
            if (agreed.isPresent()) {
                var next = codec.encode(now.with(agreed.get()));
                return register.compareAndSet(Optional.of(read.value()), next);
            }
        }
        return Uni.createFrom().item(found);
    }

    /** The planted bugs begin to work; before, the cluster is founded without them. */
    void unleashBugs() {
        unleashed = true;
    }

    boolean has(Bug bug) {
        return unleashed && bugs.contains(bug);
    }

    boolean skipsProof() {
        return has(Bug.PROOF_SKIPPED);
    }

    /** Usually quick; long in a checkpoint that is behind its schedule, or at its fsyncs. */
    long checkpointerLag() {
        return switch (random.nextInt(8)) {
            case 0 -> random.nextInt(20_000);
            case 1 -> random.nextInt(5_000);
            default -> random.nextInt(300);
        };
    }

    boolean rewindFails() {
        return random.nextInt(100) < rewindFailsPercent;
    }

    void rewindFails(int percent) {
        rewindFailsPercent = percent;
    }

    long nextId() {
        return ++ids;
    }

    String newSystemId() {
        return "70000000000000" + ++systems;
    }

    /** A primary that ran before Kumki came; its writes are its own business until then. */
    void declareForeign(String node) {
        foreign.add(node);
    }

    boolean foreign(SimNode node) {
        if (node.runner.armed() > 0) {
            foreign.remove(node.name);
        }
        return foreign.contains(node.name);
    }

    /** {@code no-failover}. */
    void neverLeads(String node) {
        neverLeads.add(node);
    }

    void acceptLoss() {
        lossAccepted = true;
    }

    boolean lossAccepted() {
        return lossAccepted;
    }

    void trace(String line) {
        checker.note(line);
    }

    Settings settings(SimNode node) {
        return new Settings(
                new NodeId(node.name),
                "odoo",
                node.witness,
                modes.getOrDefault(node.name, mode),
                1 << 20,
                512 << 20,
                Settings.OnCrash.FAILOVER,
                node.name.equals("anna"),
                new Peer.Standing(0, neverLeads.contains(node.name)),
                new Settings.Timing(
                        ttls.getOrDefault(node.name, TTL),
                        3_000,
                        4_000,
                        1_500,
                        2_000,
                        10_000,
                        1_000));
    }

    /** Stops early at a violation. */
    void run(long millis) {
        long until = time.now() + millis;
        while (checker.violations().isEmpty() && time.step(until)) {
            checker.look();
        }
    }

    /** The clients: wherever a server lets them, they commit. */
    private void write() {
        time.after(COMMIT_MILLIS, this::write);
        for (var node : dataNodes()) {
            if (node.server.writable() && node.server.gate.waiting() < MOST_WAITING) {
                var entry = node.server.wal.append(nextId(), true, 50 + random.nextInt(250));
                node.server.gate.committed(entry);
            }
        }
    }

    void isolate(String name, Set<SimNetwork.Kind> kinds) {
        trace(name + ": cut off from all, " + kinds);
        for (var other : nodes.keySet()) {
            if (!other.equals(name)) {
                kinds.forEach(kind -> network.cutOneWay(name, other, kind));
                kinds.forEach(kind -> network.cutOneWay(other, name, kind));
            }
        }
    }

    void heal() {
        trace("healed");
        network.heal();
        nodes.values().forEach(SimNode::heal);
    }

    List<SimNode> writers() {
        return new ArrayList<>(dataNodes().stream().filter(n -> n.server.writable()).toList());
    }

    /** One writer, and all others stream from it exactly what it has. */
    boolean settled() {
        var writers = writers();
        return writers.size() == 1
                && dataNodes().stream()
                        .filter(n -> n != writers.get(0))
                        .allMatch(n -> follows(n, writers.get(0)));
    }

    boolean follows(SimNode standby, SimNode leader) {
        return standby.server.receiver.streaming()
                && standby.server.phase() == SimServer.Phase.STANDBY
                && standby.server.receiver.source().filter(leader.name::equals).isPresent()
                && standby.server.wal.isPrefixOf(leader.server.wal);
    }

    /** Waits until it is settled and commits are acknowledged again; false if it takes too long. */
    boolean settles(long millis) {
        long until = time.now() + millis;
        while (checker.violations().isEmpty() && time.now() < until) {
            run(500);
            int before = checker.acknowledgements();
            if (settled()) {
                run(1_000);
                if (settled() && checker.acknowledgements() > before) {
                    return true;
                }
            }
        }
        return false;
    }
}
