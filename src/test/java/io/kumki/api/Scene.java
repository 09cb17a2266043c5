package io.kumki.api;

import io.kumki.agent.Report;
import io.kumki.agent.Snapshot;
import io.kumki.core.consensus.Ballot;
import io.kumki.core.consensus.Standing;
import io.kumki.core.model.Action;
import io.kumki.core.model.Agreed;
import io.kumki.core.model.Archiving;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Decision;
import io.kumki.core.model.Episode;
import io.kumki.core.model.Handover;
import io.kumki.core.model.Horizon;
import io.kumki.core.model.HostPort;
import io.kumki.core.model.Lease;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.Lsn;
import io.kumki.core.model.Mode;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Peer;
import io.kumki.core.model.Position;
import io.kumki.core.model.Replay;
import io.kumki.core.model.Rule;
import io.kumki.core.model.Runner;
import io.kumki.core.model.Safety;
import io.kumki.core.model.Settings;
import io.kumki.core.model.SyncProof;
import io.kumki.core.model.Tenure;
import io.kumki.core.model.View;
import io.kumki.core.model.Wishes;
import io.kumki.core.routing.ReplicaFitness;
import io.kumki.core.routing.Routing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** A finished tick to look at: n1 leads term 7, n2 is its safe standby, n3 is a witness. */
public final class Scene {
    public static final Position AT = new Position(3, Lsn.parse("0/5000000"));
    public static final NodeId N1 = new NodeId("n1");
    public static final NodeId N2 = new NodeId("n2");
    public static final NodeId N3 = new NodeId("n3");

    private final NodeId self;
    private final TreeMap<NodeId, LocalServer> servers = new TreeMap<>();
    private final TreeMap<NodeId, Runner> runners = new TreeMap<>();
    private final TreeMap<NodeId, Long> files = new TreeMap<>();
    private final List<NodeId> heard = new ArrayList<>(List.of(N1, N2, N3));
    private Lease lease;
    private Optional<ClusterRecord> register = Optional.of(record());
    private Decision decision =
            new Decision(Rule.L10_LEADING, new Action.Hold(), "term 7, lease valid for 2000 ms");
    private boolean votes = true;
    private long at = 1_000_000;

    private Scene(NodeId self, Lease lease) {
        this.self = self;
        this.lease = lease;
        servers.put(N1, primary());
        servers.put(N2, replica(true, AT, 0));
        servers.put(N3, new LocalServer.Empty());
        runners.put(N1, runner(7, Runner.Work.NONE));
        runners.put(N2, runner(0, Runner.Work.NONE));
        runners.put(N3, Runner.UNHEARD);
    }

    public static Scene onLeader() {
        return new Scene(N1, new Lease.Mine(7, 2000, true));
    }

    public static Scene onReplica() {
        return new Scene(N2, new Lease.Theirs(7, N1, 300));
    }

    public static Scene onWitness() {
        return new Scene(N3, new Lease.Theirs(7, N1, 300));
    }

    public Scene lease(Lease next) {
        lease = next;
        return this;
    }

    public Scene server(NodeId node, LocalServer server) {
        servers.put(node, server);
        return this;
    }

    public Scene runner(NodeId node, Runner runner) {
        runners.put(node, runner);
        return this;
    }

    public Scene unheard(NodeId node) {
        heard.remove(node);
        return this;
    }

    /** That node's own file says another ttl, in milliseconds. */
    public Scene file(NodeId node, long ttl) {
        files.put(node, ttl);
        return this;
    }

    public Scene abstaining() {
        votes = false;
        return this;
    }

    /** Milliseconds since 1970. */
    public Scene at(long next) {
        at = next;
        return this;
    }

    public Scene decision(Decision next) {
        decision = next;
        return this;
    }

    public Scene register(UnaryOperator<ClusterRecord> change) {
        register = register.map(change);
        return this;
    }

    public Scene noRegister() {
        register = Optional.empty();
        return this;
    }

    public static ClusterRecord record() {
        return new ClusterRecord(
                "odoo",
                "7351",
                new Tenure(7, N1, "n1/a/1", false, Optional.empty(), 3000),
                AT,
                new Safety(Mode.SYNC, Set.of(N1, N2)),
                Wishes.NONE,
                List.of(episode(7, N1, Episode.Cause.FAILOVER, opened(0, true, ""))),
                Optional.of(new Agreed(3000, Mode.SYNC, Set.of(N1, N2, N3))));
    }

    public static Episode episode(
            long term, NodeId leader, Episode.Cause cause, Optional<Episode.Opened> opened) {
        return new Episode(
                term,
                leader,
                cause,
                "nobody safe outranks 0/05000000 on timeline 2",
                1_763_800_000_000L,
                new Episode.Timing(3150, 20, 400),
                true,
                AT,
                opened);
    }

    public static Optional<Episode.Opened> opened(long lost, boolean measured, String salvage) {
        return Optional.of(new Episode.Opened(AT, lost, measured, salvage));
    }

    /**
     * @param start of the postmaster, a bar, of its checkpointer
     */
    public static LocalServer.Primary startedAt(String start) {
        return followedBy(List.of("n2"), start);
    }

    public static LocalServer.Primary primaryAlone() {
        return followedBy(List.of());
    }

    public static LocalServer.Primary primary(String... standbys) {
        return followedBy(standbys.length == 0 ? List.of("n2") : List.of(standbys));
    }

    private static LocalServer.Primary followedBy(List<String> names) {
        return followedBy(names, "start");
    }

    private static LocalServer.Primary followedBy(List<String> names, String start) {
        return new LocalServer.Primary(
                "7351",
                AT,
                3,
                0,
                start,
                new LocalServer.Synchronous("\"n2\"", 2),
                names.stream()
                        .map(n -> new LocalServer.Walsender(n, "streaming", "sync", AT.lsn(), 0))
                        .toList(),
                List.of(),
                LocalServer.Activity.NONE,
                0,
                Archiving.OFF);
    }

    /** The leader's server, with this archiver. */
    public static LocalServer.Primary archiving(Archiving how) {
        var fine = primary();
        return new LocalServer.Primary(
                fine.systemId(),
                fine.position(),
                fine.controlTimeline(),
                fine.walSinceCheckpoint(),
                fine.startedAt(),
                fine.synchronous(),
                fine.walsenders(),
                fine.slots(),
                fine.activity(),
                fine.probe(),
                how);
    }

    public static LocalServer.Replica replica(
            boolean streaming, Position position, long lagMillis) {
        return new LocalServer.Replica(
                "7351",
                position,
                position.lsn(),
                Optional.of(new LocalServer.Receiver(streaming, "10.0.0.1", 5432)),
                0,
                lagMillis,
                List.of(),
                0,
                Archiving.OFF);
    }

    /** Streams, and replays nothing of it. */
    public static LocalServer.Replica replayPaused() {
        return replica(true, AT, 0).with(new Replay(true, "", "RecoveryPause", Map.of(), "", 0));
    }

    /** A standby that led once, with a consumer's slot. */
    public static LocalServer.Replica withSlotLeftBehind(String slot) {
        var fine = replica(true, AT, 0);
        return new LocalServer.Replica(
                fine.systemId(),
                fine.position(),
                fine.replayed(),
                fine.receiver(),
                fine.still(),
                fine.lagMillis(),
                fine.slots(),
                fine.probe(),
                fine.archiving(),
                fine.replay(),
                Optional.of(new Horizon(9_000_000, "slot " + slot, List.of(slot))));
    }

    public static Runner runner(long armed, Runner.Work work) {
        return new Runner(
                "",
                1,
                Runner.Result.DONE,
                "",
                armed,
                100,
                List.of(),
                work,
                "10.0.0.1:5432",
                8L << 30);
    }

    public static Settings settings(NodeId self) {
        return new Settings(
                self,
                "odoo",
                self.equals(N3),
                Mode.SYNC,
                1 << 20,
                512 << 20,
                Settings.OnCrash.FAILOVER,
                false,
                new Peer.Standing(100, false),
                new Settings.Timing(3000, 2000, 3000, 1000, 1000, 60_000, 5000));
    }

    public Vitals vitals(long age) {
        return new Vitals(settings(self), Optional.of(snapshot()), age, Map.of());
    }

    public Snapshot snapshot() {
        var reports = new ArrayList<Report>();
        reports.add(report(self));
        heard.stream().filter(n -> !n.equals(self)).forEach(n -> reports.add(report(n)));
        var members = new ArrayList<>(List.of(N1, N2, N3));
        members.remove(self);
        var view =
                new View(
                        settings(self),
                        Set.copyOf(members),
                        register,
                        lease,
                        new View.Local(
                                address(self), servers.get(self), runners.get(self), Handover.NONE),
                        reports.stream().skip(1).map(Report::toPeer).toList(),
                        SyncProof.NONE,
                        new View.Streak(decision.rule().id(), 0));
        var limits =
                new ReplicaFitness.Limits(16 << 20, Duration.ofSeconds(10), Duration.ofSeconds(5));
        return new Snapshot(
                view, decision, reports, Routing.start(limits).after(view, 1000), at, 12);
    }

    private Report report(NodeId node) {
        boolean voting = votes || !node.equals(self);
        return new Report(
                "odoo",
                node,
                "incarnation-" + node,
                1,
                Set.of(N1, N2, N3),
                new Report.Body(
                        node.equals(N3),
                        address(node),
                        new Peer.Standing(100, false),
                        servers.get(node),
                        runners.get(node),
                        Handover.NONE),
                new Report.Voter(
                        voting ? Standing.VOTING : Standing.ABSTAINING,
                        voting,
                        voting ? "" : "it lost its state",
                        1,
                        Ballot.ZERO,
                        "",
                        0),
                node.equals(self)
                        ? new Report.Verdict(decision.rule().id(), decision.because())
                        : new Report.Verdict("F10-following", "streams from n1"),
                Optional.of(
                        new Report.Configured(files.getOrDefault(node, 3000L), Mode.SYNC, 1300)));
    }

    private static HostPort address(NodeId node) {
        return new HostPort("10.0.0." + node.name().charAt(1), 5432);
    }
}
