package io.kumki.core.routing;

import io.kumki.core.model.Archiving;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Handover;
import io.kumki.core.model.HostPort;
import io.kumki.core.model.Lease;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.LocalServer.Activity;
import io.kumki.core.model.LocalServer.Receiver;
import io.kumki.core.model.Lsn;
import io.kumki.core.model.Mode;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Peer;
import io.kumki.core.model.Position;
import io.kumki.core.model.Runner;
import io.kumki.core.model.Safety;
import io.kumki.core.model.Settings;
import io.kumki.core.model.SyncProof;
import io.kumki.core.model.Tenure;
import io.kumki.core.model.View;
import io.kumki.core.model.Wishes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What a witness sees; each method changes one thing. */
final class Sight {
    private static final Position END = new Position(3, new Lsn(5L << 30));
    private static final NodeId WALLY = new NodeId("wally");

    private final Map<String, LocalServer> servers = new TreeMap<>();
    private final Map<String, Long> armed = new TreeMap<>();
    private NodeId leader = new NodeId("anna");
    private long term = 7;
    private Optional<Lease> lease = Optional.empty();
    private Optional<String> drainingTo = Optional.empty();

    /** How a replica stands. */
    enum Replica {
        FINE,
        NOT_STREAMING,
        BEHIND
    }

    Sight() {
        primary("anna", 7).replica("bert", Replica.FINE).replica("carl", Replica.FINE);
    }

    Sight primary(String node, long armedFor) {
        armed.put(node, armedFor);
        return server(node, primaryAt(0));
    }

    private static LocalServer.Primary primaryAt(long probe) {
        return new LocalServer.Primary(
                "7351",
                END,
                3,
                0,
                "monday",
                new LocalServer.Synchronous("", 0),
                List.of(),
                List.of(),
                Activity.NONE,
                probe,
                Archiving.OFF);
    }

    Sight replica(String node, Replica how) {
        var lsn = how == Replica.BEHIND ? new Lsn(END.lsn().bytes() - (2 << 20)) : END.lsn();
        return server(node, replicaAt(lsn, how != Replica.NOT_STREAMING, 0));
    }

    private static LocalServer.Replica replicaAt(Lsn lsn, boolean streaming, long probe) {
        return new LocalServer.Replica(
                "7351",
                new Position(3, lsn),
                lsn,
                Optional.of(new Receiver(streaming, "anna", 5432)),
                0,
                0,
                List.of(),
                probe,
                Archiving.OFF);
    }

    Sight probe(String node, long number) {
        return server(
                node,
                servers.get(node) instanceof LocalServer.Primary
                        ? primaryAt(number)
                        : replicaAt(END.lsn(), true, number));
    }

    Sight server(String node, LocalServer server) {
        servers.put(node, server);
        return this;
    }

    LocalServer.Replica seen(String node) {
        return (LocalServer.Replica) servers.get(node);
    }

    Sight without(String node) {
        servers.remove(node);
        return this;
    }

    Sight term(long number, NodeId holder) {
        term = number;
        leader = holder;
        lease = Optional.empty();
        return this;
    }

    Sight lease(Lease seen) {
        lease = Optional.of(seen);
        return this;
    }

    /** The leader is about to stop its server for that node. */
    Sight draining(String to) {
        drainingTo = Optional.of(to);
        return this;
    }

    View view() {
        return new View(
                new Settings(
                        WALLY,
                        "demo",
                        true,
                        Mode.ASYNC,
                        0,
                        0,
                        Settings.OnCrash.FAILOVER,
                        false,
                        new Peer.Standing(100, false),
                        new Settings.Timing(3000, 1, 1, 1, 1, 1, 5000)),
                Set.of(new NodeId("anna"), new NodeId("bert"), new NodeId("carl")),
                Optional.of(register()),
                lease.orElse(new Lease.Theirs(term, leader, 300)),
                new View.Local(
                        new HostPort("wally", 5432),
                        new LocalServer.Empty(),
                        Runner.UNHEARD,
                        Handover.NONE),
                servers.keySet().stream().map(this::peer).toList(),
                SyncProof.NONE,
                new View.Streak("", 0));
    }

    private ClusterRecord register() {
        var wishes =
                new Wishes(
                        false,
                        drainingTo.map(to -> new Wishes.Switchover(leader, new NodeId(to))),
                        Optional.empty());
        return new ClusterRecord(
                "demo",
                "7351",
                new Tenure(term, leader, "r", false, Optional.empty(), 3000),
                END,
                new Safety(Mode.ASYNC, Set.of()),
                wishes,
                List.of(),
                Optional.empty());
    }

    private Peer peer(String name) {
        boolean draining = drainingTo.isPresent() && name.equals(leader.name());
        return new Peer(
                new NodeId(name),
                false,
                new HostPort(name, 5432),
                new Peer.Standing(100, false),
                servers.get(name),
                runner(armed.getOrDefault(name, 0L)),
                new Handover(draining, Optional.empty()));
    }

    private static Runner runner(long armedFor) {
        return new Runner(
                "",
                1,
                Runner.Result.DONE,
                "",
                armedFor,
                10,
                List.of(),
                Runner.Work.NONE,
                "",
                1L << 40);
    }
}
