package io.kumki.core.policy;

import static io.kumki.core.policy.Runners.runs;

import io.kumki.core.model.Agreed;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Decision;
import io.kumki.core.model.Doors;
import io.kumki.core.model.Episode;
import io.kumki.core.model.Handover;
import io.kumki.core.model.HostPort;
import io.kumki.core.model.Lease;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.Mode;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Peer;
import io.kumki.core.model.Position;
import io.kumki.core.model.Rule;
import io.kumki.core.model.Runner;
import io.kumki.core.model.Safety;
import io.kumki.core.model.Settings;
import io.kumki.core.model.Settings.OnCrash;
import io.kumki.core.model.SyncProof;
import io.kumki.core.model.Tenure;
import io.kumki.core.model.View;
import io.kumki.core.model.Wishes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A view; each method says what differs from a healthy cluster: anna leads term 7, bert streams
 * synchronously, wally is the witness, and it is anna or bert who looks.
 */
final class Views {
    static final NodeId ANNA = new NodeId("anna");
    static final NodeId BERT = new NodeId("bert");
    static final NodeId CARL = new NodeId("carl");
    static final NodeId WALLY = new NodeId("wally");
    static final HostPort ADDRESS_OF_ANNA = addressOf(ANNA);
    static final long TERM = 7;
    static final Settings.Timing TIMING =
            new Settings.Timing(3000, 2000, 1500, 700, 1000, 60_000, 5000);

    private final NodeId self;
    private boolean bootstrap;
    private boolean witness;
    private Mode mode = Mode.SYNC;
    private OnCrash onCrash = OnCrash.FAILOVER;
    private Peer.Standing standing = new Peer.Standing(100, false);
    private Optional<ClusterRecord> register;
    private Lease lease;
    private LocalServer server;
    private Runner runner = runs().is();
    private Handover handover = Handover.NONE;
    private final Set<NodeId> members = new TreeSet<>(Set.of(ANNA, BERT, WALLY));
    private final Map<NodeId, Peer> peers = new TreeMap<>();
    private SyncProof proof = SyncProof.NONE;
    private View.Streak streak = new View.Streak("", 0);

    private Views(NodeId self, Lease lease, LocalServer server) {
        this.self = self;
        this.lease = lease;
        this.server = server;
        this.register = Optional.of(record());
        peers.put(
                WALLY,
                new Peer(
                        WALLY,
                        true,
                        addressOf(WALLY),
                        standing,
                        new LocalServer.Empty(),
                        Runner.UNHEARD,
                        Handover.NONE));
    }

    /** As anna, the leader, sees it. */
    static Views ofLeader() {
        return new Views(ANNA, new Lease.Mine(TERM, 2000, true), Servers.primary().is())
                .runner(runs().armed(TERM))
                .peer(BERT, Servers.replica().is());
    }

    /** As bert, the standby, sees it. */
    static Views ofStandby() {
        return new Views(BERT, new Lease.Theirs(TERM, ANNA, 300), Servers.replica().is())
                .runner(runs().pointedAt(ADDRESS_OF_ANNA.toString()))
                .peer(ANNA, Servers.primary().is());
    }

    /** As bert sees it when anna is gone and her lease has run out. */
    static Views ofCandidate() {
        var view = ofStandby().without(ANNA).expired();
        view.server = Servers.replica().notStreaming().is();
        return view;
    }

    /** As anna sees it when the lease that she held is free again and her server is down. */
    static Views ofLastLeader() {
        return ofLeader().expired().server(Servers.crashed()).without(BERT);
    }

    /** As anna sees a register that was never written. */
    static Views ofBlank() {
        var view = ofLeader().lease(new Lease.Blank()).server(new LocalServer.Empty());
        view.register = Optional.empty();
        return view.runner(runs()).peer(BERT, new LocalServer.Empty());
    }

    static HostPort addressOf(NodeId node) {
        return new HostPort(node.name(), 5432);
    }

    static ClusterRecord record() {
        return new ClusterRecord(
                "demo",
                Servers.SYSTEM,
                new Tenure(TERM, ANNA, "anna/1/1", false, Optional.empty(), 3000),
                new Position(1, Servers.HERE),
                new Safety(Mode.SYNC, Set.of(ANNA, BERT)),
                Wishes.NONE,
                List.of(),
                Optional.of(new Agreed(TIMING.ttl(), Mode.SYNC, Set.of(ANNA, BERT, WALLY))));
    }

    Views lease(Lease other) {
        lease = other;
        return this;
    }

    Views expired() {
        return lease(new Lease.Free(TERM, ANNA, 3200, false, Optional.empty()));
    }

    Views released(Optional<NodeId> to) {
        return lease(new Lease.Free(TERM, ANNA, 10, true, to));
    }

    /** A write of ours to the register is undecided. */
    Views unsettled() {
        return lease(new Lease.Mine(TERM, 2000, false));
    }

    Views noMajority() {
        return lease(new Lease.Unknown("1 of 3 voters answer"));
    }

    Views noRecord() {
        register = Optional.empty();
        return this;
    }

    Views record(ClusterRecord other) {
        register = Optional.of(other);
        return this;
    }

    Views safe(NodeId... nodes) {
        var current = register.orElseThrow();
        return record(current.with(new Safety(current.safety().mode(), Set.of(nodes))));
    }

    /** Asynchronous by configuration and by the register. */
    Views async() {
        mode = Mode.ASYNC;
        var current = register.orElseThrow();
        return record(current.with(new Safety(Mode.ASYNC, current.safety().safe())));
    }

    Views configured(Mode other) {
        mode = other;
        return this;
    }

    Views paused() {
        var wishes = register.orElseThrow().wishes();
        return wishing(new Wishes(true, wishes.switchover(), wishes.forced()));
    }

    Views forced(NodeId node) {
        return wishing(new Wishes(false, Optional.empty(), Optional.of(node)));
    }

    Views switchoverToBert() {
        var wanted = new Wishes.Switchover(ANNA, BERT);
        return wishing(new Wishes(false, Optional.of(wanted), Optional.empty()));
    }

    private Views wishing(Wishes wishes) {
        return record(register.orElseThrow().with(wishes));
    }

    Views history(Episode episode) {
        return record(register.orElseThrow().adding(episode));
    }

    Views onCrash(OnCrash other) {
        onCrash = other;
        return this;
    }

    Views bootstrap() {
        bootstrap = true;
        return this;
    }

    Views witness() {
        witness = true;
        return this;
    }

    Views standing(int priority, boolean noFailover) {
        standing = new Peer.Standing(priority, noFailover);
        return this;
    }

    Views server(LocalServer other) {
        server = other;
        return this;
    }

    Views runner(Runners other) {
        runner = other.is();
        return this;
    }

    Views peer(NodeId node, LocalServer itsServer) {
        return peer(node, itsServer, runs());
    }

    Views peer(NodeId node, LocalServer itsServer, Runners itsRunner) {
        return peer(node, itsServer, itsRunner, new Peer.Standing(100, false));
    }

    Views peer(NodeId node, LocalServer its, Runners itsRunner, Peer.Standing itsStanding) {
        members.add(node);
        register = register.map(this::naming);
        peers.put(
                node,
                new Peer(
                        node,
                        false,
                        addressOf(node),
                        itsStanding,
                        its,
                        itsRunner.is(),
                        Handover.NONE));
        return this;
    }

    /** As the members are the voters everywhere, so does the register name them. */
    private ClusterRecord naming(ClusterRecord before) {
        return before.agreed().map(a -> before.with(a.with(Set.copyOf(members)))).orElse(before);
    }

    /** The witness has doors beside it, as it often has. */
    Views doors(Doors doors) {
        var wally = peers.get(WALLY);
        peers.put(
                WALLY,
                new Peer(
                        WALLY,
                        true,
                        wally.address(),
                        wally.standing(),
                        wally.server(),
                        wally.runner(),
                        new Handover(false, Optional.of(doors))));
        return this;
    }

    Views ownDoors(Doors doors) {
        handover = new Handover(false, Optional.of(doors));
        return this;
    }

    /** That peer is not heard. */
    Views without(NodeId node) {
        peers.remove(node);
        return this;
    }

    Views proven(String names) {
        proof = new SyncProof(names, "this morning", Optional.of(Servers.HERE), true);
        return this;
    }

    /** The same rule has been deciding for so long. */
    Views after(Rule rule, long millis) {
        streak = new View.Streak(rule.id(), millis);
        return this;
    }

    View is() {
        var others = new TreeSet<>(members);
        others.remove(self);
        return new View(
                new Settings(
                        self,
                        "demo",
                        witness,
                        mode,
                        Servers.MEGABYTE,
                        Servers.MAX_BACKLOG,
                        onCrash,
                        bootstrap,
                        standing,
                        TIMING),
                others,
                register,
                lease,
                new View.Local(addressOf(self), server, runner, handover),
                List.copyOf(peers.values()),
                proof,
                streak);
    }

    Decision decision() {
        return Policy.decide(is());
    }

    Rule rule() {
        return decision().rule();
    }
}
