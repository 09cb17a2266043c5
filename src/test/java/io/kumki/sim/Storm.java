package io.kumki.sim;

import io.kumki.core.model.Mode;
import io.kumki.sim.SimNetwork.Kind;
import io.kumki.sim.SimServer.Phase;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** One whole run: a cluster is founded, a storm of faults, healing, and then all must be well. */
final class Storm {
    private static final long LIVE_AGAIN_MILLIS = 60_000;
    private static final List<Long> TTLS = List.of(1_500L, 3_000L, 5_000L, 8_000L, 15_000L);

    private final SimCluster cluster;
    private final Random random;
    private boolean changes;
    private boolean calm;
    private Optional<Operator> operator = Optional.empty();

    private Storm(SimCluster cluster) {
        this.cluster = cluster;
        this.random = cluster.random;
    }

    /** The shape follows from the seed: sync or async, two or three data nodes, with a witness. */
    static SimCluster run(long seed, Set<SimCluster.Bug> bugs) {
        var cluster = cluster(seed, bugs);
        new Storm(cluster).blow();
        return cluster;
    }

    /**
     * The same, and an operator who pauses, switches, forces, kills a backend and promotes by hand
     * meanwhile; the third data node may be one that is never to lead.
     */
    static SimCluster withOperator(long seed) {
        var cluster = cluster(seed, Set.of());
        var storm = new Storm(cluster);
        storm.operator = Optional.of(new Operator(cluster));
        if (seed / 4 % 2 == 1) {
            cluster.neverLeads("carl");
        }
        storm.blow();
        return cluster;
    }

    private static SimCluster cluster(long seed, Set<SimCluster.Bug> bugs) {
        var mode = seed % 2 == 0 ? Mode.SYNC : Mode.ASYNC;
        var names = new ArrayList<>(List.of("anna", "bert", "wilma"));
        if (seed / 2 % 2 == 1) {
            names.add("carl");
        }
        return new SimCluster(seed, mode, bugs, names);
    }

    /** The same, and one node's file says another ttl and another mode than the others'. */
    static SimCluster ofUnequal(long seed) {
        var cluster = new SimCluster(seed, Mode.SYNC, Set.of(), List.of("anna", "bert", "wilma"));
        var odd = cluster.nodes().get((int) (seed % 3));
        cluster.configure(
                odd.name,
                15_000,
                seed % 2 == 0 || odd.name.equals("anna") ? Mode.SYNC : Mode.ASYNC);
        new Storm(cluster).blow();
        return cluster;
    }

    /** The same, and an operator changes the ttl now and then, up and down. */
    static SimCluster ofChanges(long seed) {
        var cluster = new SimCluster(seed, Mode.SYNC, Set.of(), List.of("anna", "bert", "wilma"));
        var storm = new Storm(cluster);
        storm.changes = true;
        storm.blow();
        return cluster;
    }

    private void blow() {
        cluster.powerOn();
        cluster.rewindFails(20);
        if (!cluster.settles(LIVE_AGAIN_MILLIS)) {
            cluster.checker.violated("liveness: the cluster was not founded");
            return;
        }
        cluster.unleashBugs();
        cluster.run(random.nextInt(4_000));
        int faults = 3 + random.nextInt(5);
        for (int i = 0; i < faults; i++) {
            strike();
            operator.filter(o -> random.nextBoolean()).ifPresent(Operator::act);
            if (changes && random.nextInt(3) > 0) {
                changeTtl();
            }
            cluster.run(random.nextInt(random.nextBoolean() ? 8_000 : 1_000));
        }
        calm = true;
        cluster.heal();
        operator.ifPresent(Operator::resume);
        if (!cluster.settles(LIVE_AGAIN_MILLIS)) {
            cluster.checker.violated("liveness: not one writer with all others following it");
            return;
        }
        var leader = cluster.writers().get(0);
        leader.record().ifPresent(r -> cluster.checker.conclude(leader.server, r));
    }

    private void strike() {
        var node = cluster.nodes().get(random.nextInt(cluster.nodes().size()));
        if (random.nextInt(3) > 0 && !cluster.writers().isEmpty()) {
            node = cluster.writers().get(0);
        }
        switch (random.nextInt(14)) {
            case 0 -> crashServer(node);
            case 1 -> restartAgent(node);
            case 2 -> freezeAgent(node);
            case 3 -> freezeServer(node);
            case 4 -> losePower(node);
            case 5 -> cluster.isolate(node.name, EnumSet.allOf(Kind.class));
            case 6 -> cluster.isolate(node.name, EnumSet.of(Kind.AGENT));
            case 7 -> cutOneLink(node);
            case 8 -> cluster.network.weather(random.nextInt(30), 20, random.nextInt(30));
            case 9 -> losePowerEverywhere();
            case 10 -> killContainer(node);
            case 11 -> node.freezeContainer(random.nextInt(20_000));
            case 12 -> refuseAgent(node);
            default -> cluster.heal();
        }
    }

    private void changeTtl() {
        long ttl = TTLS.get(random.nextInt(TTLS.size()));
        var asked = cluster.nodes().get(random.nextInt(cluster.nodes().size()));
        cluster.trace(asked.name + ": config set ttl=" + ttl);
        cluster.agree(asked, agreed -> agreed.withTtl(ttl));
        if (random.nextBoolean()) {
            cluster.time.after(random.nextInt(1_000), this::deafen);
        }
    }

    /**
     * The leader is heard and hears nothing: its last renewal may be chosen without its knowing.
     */
    private void deafen() {
        if (calm) {
            return;
        }
        for (var leader : cluster.writers()) {
            cluster.trace(leader.name + " hears no agent");
            cluster.names().stream()
                    .filter(other -> !other.equals(leader.name))
                    .forEach(o -> cluster.network.cutOneWay(o, leader.name, Kind.AGENT));
        }
    }

    private void refuseAgent(SimNode node) {
        long millis = random.nextInt(20_000);
        cluster.trace(node.name + ": server refuses its agent for " + millis);
        node.server.refuse(millis);
    }

    private void crashServer(SimNode node) {
        cluster.trace(node.name + ": server crashes");
        node.server.end(Phase.CRASHED);
    }

    private void restartAgent(SimNode node) {
        cluster.trace(node.name + ": agent killed");
        node.stopAgent();
        cluster.time.after(random.nextInt(10_000), node::startAgent);
    }

    private void freezeAgent(SimNode node) {
        long millis = random.nextInt(15_000);
        cluster.trace(node.name + ": agent frozen for " + millis);
        node.agent().ifPresent(a -> a.freeze(millis));
    }

    private void freezeServer(SimNode node) {
        long millis = random.nextInt(10_000);
        cluster.trace(node.name + ": server frozen for " + millis);
        node.server.freeze(millis);
    }

    private void killContainer(SimNode node) {
        node.killContainer();
        cluster.time.after(random.nextInt(20_000), node::startContainer);
    }

    private void losePower(SimNode node) {
        node.powerOff();
        cluster.time.after(random.nextInt(10_000), node::powerOn);
    }

    private void losePowerEverywhere() {
        cluster.nodes().forEach(this::losePower);
    }

    private void cutOneLink(SimNode node) {
        var other = cluster.nodes().get(random.nextInt(cluster.nodes().size()));
        cluster.trace("one way cut: " + node.name + " to " + other.name);
        for (var kind : Kind.values()) {
            cluster.network.cutOneWay(node.name, other.name, kind);
        }
    }
}
