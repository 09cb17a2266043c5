package io.kumki.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.agent.port.RecordCodec;
import io.kumki.core.consensus.Outcome;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Mode;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Wishes;
import io.kumki.core.policy.Outlook;
import io.kumki.sim.SimNetwork.Kind;
import io.kumki.sim.SimServer.Phase;
import io.kumki.wire.Json;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * A failover told step by step on the simulated cluster. Every step checks the invariants by
 * itself. With two data nodes the witness wilma votes too.
 */
public final class Story {
    private static final long SEED = 7;

    private final SimCluster cluster;
    private final Map<String, Integer> read = new HashMap<>();

    private Story(Mode mode, List<String> names) {
        var all = new ArrayList<>(names);
        if (names.size() == 2) {
            all.add("wilma");
        }
        long seed = Long.getLong("sim.seed", SEED);
        cluster = new SimCluster(seed, mode, EnumSet.noneOf(SimCluster.Bug.class), all);
        cluster.rewindFails(0);
    }

    /** A synchronous cluster that was founded by bootstrap and has settled. */
    public static Story of(String... names) {
        return new Story(Mode.SYNC, List.of(names)).found();
    }

    /** The same with asynchronous replication. */
    public static Story async(String... names) {
        return new Story(Mode.ASYNC, List.of(names)).found();
    }

    /** Machines that are off yet, with empty directories. */
    public static Story before(String... names) {
        return new Story(Mode.SYNC, List.of(names));
    }

    private Story found() {
        return powerOn().settle().elapse(6_000);
    }

    /** All machines start. */
    public Story powerOn() {
        cluster.powerOn();
        return elapse(400);
    }

    /** This directory holds another cluster's, or an older, primary that runs. */
    public Story withPrimary(String node) {
        cluster.declareForeign(node);
        cluster.node(node).server.initialise(cluster.newSystemId());
        cluster.node(node).server.startPrimary("");
        return elapse(1_000);
    }

    public Story elapse(long millis) {
        cluster.run(millis);
        return check();
    }

    /** Until there is one writer, followed by all others; at most a minute. */
    public Story settle() {
        boolean settled = cluster.settles(60_000);
        check();
        assertThat(settled).as(() -> "settled\n" + cluster.checker.report()).isTrue();
        return this;
    }

    private Story check() {
        assertThat(cluster.checker.violations()).as(() -> cluster.checker.report()).isEmpty();
        return this;
    }

    public Story crashServer(String node) {
        cluster.trace(node + ": server crashes");
        cluster.node(node).server.end(Phase.CRASHED);
        return this;
    }

    /** The server goes on receiving WAL, of which it will never replay any more. */
    public Story replayNoFurther(String node) {
        cluster.trace(node + ": replay stands still");
        cluster.node(node).server.replayNoFurther();
        return this;
    }

    public Story freezeServer(String node, long millis) {
        cluster.trace(node + ": server frozen");
        cluster.node(node).server.freeze(millis);
        return this;
    }

    /** The server and its runner end at once, and nobody is left to say so; the agent lives. */
    public Story killContainer(String node) {
        cluster.node(node).killContainer();
        return this;
    }

    public Story startContainer(String node) {
        cluster.node(node).startContainer();
        return this;
    }

    public Story killAgent(String node) {
        cluster.trace(node + ": agent killed");
        cluster.node(node).stopAgent();
        return this;
    }

    public Story killPrimary() {
        return crashServer(cluster.writers().get(0).name);
    }

    /** Until somebody else leads; at most half a minute. */
    public Story settleWithout(String node) {
        for (int tries = 0; tries < 60 && cluster.writers().isEmpty(); tries++) {
            elapse(500);
        }
        return expect("others than " + node + " lead", cluster.writers().size() == 1);
    }

    /** Its agent begins anew with these voters in its file. */
    public Story restartAgentWithVoters(String node, String... voters) {
        killAgent(node);
        cluster.configureVoters(node, Set.of(voters));
        return startAgent(node);
    }

    /** Whom the register names as voters, as that node sees it. */
    public Story expectVoters(String node, String... voters) {
        var names =
                record(node).agreed().orElseThrow().voters().stream().map(NodeId::name).toList();
        return expect(names + " are the voters", names.equals(List.of(voters)));
    }

    public Story startAgent(String node) {
        cluster.node(node).startAgent();
        return this;
    }

    public Story freezeAgent(String node, long millis) {
        cluster.trace(node + ": agent frozen");
        cluster.node(node).agent().orElseThrow().freeze(millis);
        return this;
    }

    public Story powerOff(String... nodes) {
        List.of(nodes).forEach(n -> cluster.node(n).powerOff());
        return this;
    }

    public Story powerOn(String node) {
        cluster.trace(node + ": power on");
        cluster.node(node).powerOn();
        return this;
    }

    /** Neither its agent nor its server reaches anybody. */
    public Story cutOff(String node) {
        cluster.isolate(node, EnumSet.allOf(Kind.class));
        return this;
    }

    /** Only its agent is cut off; its server goes on streaming. */
    public Story cutOffAgent(String node) {
        cluster.isolate(node, EnumSet.of(Kind.AGENT));
        return this;
    }

    public Story heal() {
        cluster.heal();
        return this;
    }

    public Story rewindsFail() {
        cluster.rewindFails(100);
        return this;
    }

    public Story loseAcceptorFile(String node) {
        cluster.node(node).disk.loseAll();
        return this;
    }

    /** {@code kumki readmit}. */
    public Story readmit(String node) {
        cluster.node(node).agent().orElseThrow().readmit();
        return this;
    }

    public Story switchover(String from, String to) {
        var wanted = new Wishes.Switchover(new NodeId(from), new NodeId(to));
        return wish(from, w -> new Wishes(w.paused(), Optional.of(wanted), w.forced()));
    }

    public Story pause(String asked) {
        return wish(asked, w -> new Wishes(true, w.switchover(), w.forced()));
    }

    public Story resume(String asked) {
        return wish(asked, w -> new Wishes(false, w.switchover(), w.forced()));
    }

    /** {@code kumki failover NODE}: the operator accepts the loss. */
    public Story force(String node) {
        cluster.acceptLoss();
        var forced = Optional.of(new NodeId(node));
        return wish(node, w -> new Wishes(w.paused(), w.switchover(), forced));
    }

    /** As the API does it: read, change, compare-and-set; again where another came between. */
    private Story wish(String asked, UnaryOperator<Wishes> change) {
        var done = new boolean[1];
        for (int tries = 0; tries < 10 && !done[0]; tries++) {
            var register = cluster.node(asked).agent().orElseThrow().register();
            var codec = new Json.Records();
            register.read()
                    .chain(
                            found ->
                                    found instanceof Outcome.Committed read
                                            ? register.compareAndSet(
                                                    Optional.of(read.value()),
                                                    changed(read.value(), codec, change))
                                            : io.smallrye.mutiny.Uni.createFrom().item(found))
                    .subscribe()
                    .with(outcome -> done[0] |= outcome instanceof Outcome.Committed);
            elapse(200);
        }
        assertThat(done[0]).as("the wish is in the register").isTrue();
        return this;
    }

    private static String changed(String value, RecordCodec codec, UnaryOperator<Wishes> change) {
        ClusterRecord found = codec.decode(value);
        return codec.encode(found.with(change.apply(found.wishes())));
    }

    public Story expectPrimary(String node) {
        return expect(node + " is the only writer", writers().equals(List.of(node)));
    }

    public Story expectOneOf(String... nodes) {
        var now = writers();
        return expect("one of them writes", now.size() == 1 && List.of(nodes).containsAll(now));
    }

    public Story expectNever(String node, String rule) {
        return expect(node + " never decides " + rule, !cluster.node(node).rules().contains(rule));
    }

    /** The newest receipt of that leader says what the old primary kept. */
    public Story expectMeasuredLoss(String leader) {
        var opened = record(leader).latest().orElseThrow().opened().orElseThrow();
        return expect("measured: " + opened, opened.measured() && opened.lostBytes() > 0);
    }

    /** It neither writes nor stands for election, and says which voters it was told of. */
    public Story expectNoLead(String node) {
        var rules = cluster.node(node).rules();
        return expect(
                node + " waits, decides " + rules.get(rules.size() - 1),
                !writers().contains(node) && rules.get(rules.size() - 1).startsWith("A"));
    }

    public Story expectNoWriter() {
        return expect("nobody accepts writes", writers().isEmpty());
    }

    /** Its server is up as a standby. */
    public Story expectStandby(String node) {
        return expect(node + " is a standby", cluster.node(node).server.phase() == Phase.STANDBY);
    }

    public Story expectDown(String node) {
        return expect(node + "'s server is down", !cluster.node(node).server.running());
    }

    public Story expectFollowing(String standby, String leader) {
        return expect(
                standby + " streams from " + leader,
                cluster.follows(cluster.node(standby), cluster.node(leader)));
    }

    /** These rules decided there, in this order, since the last such question. */
    public Story expectRules(String node, String... rules) {
        var all = cluster.node(node).rules();
        int at = read.getOrDefault(node, 0);
        for (var rule : rules) {
            int found = all.subList(at, all.size()).indexOf(rule);
            var rest = all.subList(at, all.size());
            expect(node + " decides " + rule + ", but only " + rest, found >= 0);
            at += found + 1;
        }
        read.put(node, at);
        return this;
    }

    /** What happened before is not asked for any more. */
    public Story fromHere() {
        cluster.nodes().forEach(n -> read.put(n.name, n.rules().size()));
        return this;
    }

    /** The register as that node saw it last. */
    public ClusterRecord record(String node) {
        return cluster.node(node).record().orElseThrow();
    }

    /** What that node's agent tells of the faults that may come. */
    public Outlook outlook(String node) {
        var snapshot = cluster.node(node).snapshot().orElseThrow();
        return Outlook.of(snapshot.view(), snapshot.votes());
    }

    /** The same in the words of `kumki status`. */
    public String told(String node) {
        return String.join(
                " ", outlook(node).sentences(cluster.node(node).snapshot().orElseThrow().view()));
    }

    /** Who accepts writes. */
    public List<String> leaders() {
        return writers();
    }

    public Story expectSafe(String node, String... safe) {
        var names = record(node).safety().safe().stream().map(NodeId::name).sorted().toList();
        return expect(names + " are safe", names.equals(List.of(safe)));
    }

    public Story expectVotes(String node, boolean votes) {
        boolean does = cluster.node(node).agent().orElseThrow().acceptor().votes();
        return expect(node + " votes: " + votes, does == votes);
    }

    /** Commits were acknowledged within the last second of its own. */
    public Story expectCommits() {
        int before = cluster.checker.acknowledgements();
        elapse(1_000);
        return expect("commits are acknowledged", cluster.checker.acknowledgements() > before);
    }

    public Story expectLost(boolean some) {
        return expect("commits were lost: " + some, cluster.checker.lostCommits() > 0 == some);
    }

    private List<String> writers() {
        return cluster.writers().stream().map(n -> n.name).toList();
    }

    private Story expect(String what, boolean holds) {
        assertThat(holds).as(() -> what + "\n" + cluster.checker.report()).isTrue();
        return this;
    }
}
