package io.kumki.sim;

import io.kumki.adapter.register.EmbeddedRegister;
import io.kumki.agent.HaLoop;
import io.kumki.agent.Report;
import io.kumki.agent.Snapshot;
import io.kumki.agent.port.Catalog;
import io.kumki.agent.port.RecordCodec;
import io.kumki.core.consensus.Acceptor;
import io.kumki.core.consensus.AcceptorStore;
import io.kumki.core.consensus.Formation;
import io.kumki.core.consensus.Message;
import io.kumki.core.consensus.Proposer;
import io.kumki.core.consensus.Readmission;
import io.kumki.core.consensus.Reply;
import io.kumki.core.model.Action;
import io.kumki.core.model.Agreed;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.HostPort;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.NodeId;
import io.kumki.core.routing.ReplicaFitness;
import io.kumki.sim.SimNetwork.Kind;
import io.kumki.wire.Json;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/** One process of the agent: the real loop, register and voter on simulated ports. */
final class SimAgent {
    private static final long ANSWER_MILLIS = 300;
    private static final long POLL_MILLIS = 400;
    private static final long TICK_MILLIS = 500;

    /** Without a stack trace, because one is made for every message. */
    private static final class NoAnswer extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NoAnswer() {
            super("no answer", null, false, false);
        }
    }

    private final SimNode node;
    private final SimCluster cluster;
    private final String incarnation;
    private final Set<String> names;
    private final TreeSet<NodeId> voterSet;
    private final Proposer proposer;
    private final Acceptor acceptor;
    private final EmbeddedRegister register;
    private final SimBoard board;
    private final HaLoop loop;
    private final Map<String, Formation.Voter> voters = new TreeMap<>();
    private boolean up = true;
    private String objection = "";
    private long frozenUntil;

    SimAgent(SimNode node, String incarnation) {
        this.node = node;
        this.cluster = node.cluster;
        this.incarnation = incarnation;
        this.names = cluster.voters(node.name);
        this.voterSet =
                names.stream().map(NodeId::new).collect(Collectors.toCollection(TreeSet::new));
        this.proposer = new Proposer(node.name, incarnation, names);
        this.register =
                new EmbeddedRegister(
                        proposer,
                        this::ask,
                        (delay, task) -> later(delay.toMillis(), task),
                        cluster.random);
        this.acceptor =
                new Acceptor(
                        new AcceptorStore(node.disk),
                        RecordCodec::renewalOf,
                        proposer::highestIssued,
                        clock());
        this.board = new SimBoard(this);
        this.loop = new HaLoop(identity(), ports());
    }

    private HaLoop.Identity identity() {
        return new HaLoop.Identity(
                cluster.settings(node),
                voterSet,
                new HostPort(node.name, SimNode.PORT),
                incarnation,
                new ReplicaFitness.Limits(16L << 20, Duration.ofSeconds(10), Duration.ofSeconds(5)),
                TICK_MILLIS,
                TICK_MILLIS + POLL_MILLIS);
    }

    private HaLoop.Ports ports() {
        return new HaLoop.Ports(
                this::clock,
                (delay, task) -> later(delay.toMillis(), task),
                () -> 1_700_000_000_000L + cluster.time.now(),
                catalog(),
                node.shared.agentSide(node),
                board,
                register,
                this::voter,
                Optional::empty,
                new Json.Records(),
                this::published,
                failure -> {
                    // A process that stood still finds its tick late; anything else is a bug.
                    if (!(failure instanceof TimeoutException)) {
                        cluster.checker.violated("a tick failed: " + failure, failure);
                    }
                });
    }

    private void published(Snapshot snapshot) {
        objection =
                snapshot.view()
                        .register()
                        .flatMap(ClusterRecord::agreed)
                        .flatMap(a -> a.objection(voterSet))
                        .orElse("");
        node.published(snapshot);
    }

    /** Agents with other voters refuse each other's reports. */
    boolean refuses(Report report) {
        return !report.voters().equals(voterSet);
    }

    void start() {
        node.server.gate.forget();
        follow();
        loop.start();
    }

    void end() {
        up = false;
    }

    void freeze(long millis) {
        frozenUntil = cluster.time.now() + millis;
    }

    void thaw() {
        frozenUntil = 0;
    }

    String name() {
        return node.name;
    }

    SimCluster cluster() {
        return cluster;
    }

    SimBoard board() {
        return board;
    }

    EmbeddedRegister register() {
        return register;
    }

    Acceptor acceptor() {
        return acceptor;
    }

    Set<String> others() {
        var others = new TreeSet<>(names);
        others.remove(node.name);
        return others;
    }

    long clock() {
        return node.uptime();
    }

    /** Runs in this process after so many milliseconds of its clock. */
    void later(long millis, Runnable task) {
        cluster.time.after((long) Math.ceil(millis / node.rate), () -> run(task));
    }

    private void run(Runnable task) {
        if (up && frozenUntil > cluster.time.now()) {
            cluster.time.after(frozenUntil - cluster.time.now(), () -> run(task));
        } else if (up) {
            task.run();
        }
    }

    /** A message for this process: while it is frozen, its socket's buffer holds only some. */
    Runnable received(Runnable task) {
        return () -> {
            if (frozenUntil <= cluster.time.now() || cluster.random.nextBoolean()) {
                run(task);
            }
        };
    }

    Report.Voter voter() {
        var state = acceptor.state();
        long age = acceptor.renewalAgeMillis(clock()).orElse(-1);
        return new Report.Voter(
                acceptor.status().standing(),
                acceptor.votes() && objection.isEmpty(),
                objection + acceptor.status().reason(),
                proposer.highestIssued(),
                state.accepted(),
                state.value(),
                cluster.has(SimCluster.Bug.LEASE_NOT_AWAITED) && age >= 0 ? age + 60_000 : age);
    }

    void heardVoter(String peer, Report.Voter voter) {
        voters.put(peer, new Formation.Voter(voter.standing(), voter.issued()));
        follow();
    }

    private void follow() {
        acceptor.follow(Formation.judge(acceptor.status().standing(), others(), voters));
    }

    private Uni<Reply> ask(String voter, Message message) {
        return Uni.createFrom()
                .emitter(
                        answer -> {
                            later(ANSWER_MILLIS, () -> answer.fail(new NoAnswer()));
                            cluster.network.send(
                                    node.name,
                                    voter,
                                    Kind.AGENT,
                                    () ->
                                            cluster.node(voter)
                                                    .reach(
                                                            there ->
                                                                    reply(
                                                                            voter,
                                                                            there.vote(
                                                                                    voterSet,
                                                                                    message),
                                                                            answer::complete)));
                        });
    }

    private Reply vote(Set<NodeId> theirs, Message message) {
        if (!objection.isEmpty() || !Agreed.near(theirs, voterSet)) {
            return new Reply.Abstained("other voters; " + objection);
        }
        return acceptor.handle(message, clock());
    }

    private void reply(String from, Reply reply, java.util.function.Consumer<Reply> take) {
        cluster.network.send(from, node.name, Kind.AGENT, received(() -> take.accept(reply)));
    }

    /** The operator's `kumki readmit`. */
    void readmit() {
        var attempt =
                new Readmission(name() + "/r" + incarnation, others(), proposer.highestIssued());
        register.readmit(attempt)
                .subscribe()
                .with(
                        result -> {
                            if (result instanceof Readmission.Won won && !acceptor.votes()) {
                                acceptor.readmitted(won.state(), clock());
                            }
                        });
    }

    private Catalog catalog() {
        return new Catalog() {
            @Override
            public Uni<LocalServer> poll() {
                boolean mute = node.server.frozen();
                return after(
                        mute ? POLL_MILLIS : 1 + cluster.random.nextInt(10),
                        () ->
                                mute || node.server.frozen()
                                        ? new LocalServer.Unreachable("no answer in time", 0, false)
                                        : node.server.seen());
            }

            @Override
            public Uni<Void> checkpoint() {
                return after(
                        20 + cluster.random.nextInt(300),
                        () -> {
                            node.server.checkpointed();
                            return null;
                        });
            }

            @Override
            public Uni<Void> manage(Action.Slots slots) {
                return after(
                        5,
                        () -> {
                            node.server.changeSlots(slots.create(), slots.drop());
                            return null;
                        });
            }
        };
    }

    private <T> Uni<T> after(long millis, java.util.function.Supplier<T> answer) {
        return Uni.createFrom()
                .emitter(emitter -> later(millis, () -> emitter.complete(answer.get())));
    }
}
