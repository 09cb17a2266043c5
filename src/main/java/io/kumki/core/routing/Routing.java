package io.kumki.core.routing;

import io.kumki.core.model.HostPort;
import io.kumki.core.model.Lease;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.LocalServer.Replica;
import io.kumki.core.model.LocalServer.Unreachable;
import io.kumki.core.model.Lsn;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Runner;
import io.kumki.core.model.View;
import io.kumki.core.routing.Routes.Draining;
import io.kumki.core.routing.Routes.Open;
import io.kumki.core.routing.Routes.Vacant;
import io.kumki.core.routing.Routes.Writer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * From what a tick saw to where clients are led, remembering what one tick can't see: since when a
 * replica has been good, and whose lease may still be in force. Immutable: every view gives the
 * next state. The clock is any that only goes forward, in milliseconds.
 *
 * @param at when the last view was seen
 * @param leaseEnds when the lease seen last has certainly ended
 */
public record Routing(
        ReplicaFitness.Limits limits,
        Routes routes,
        long at,
        long leaseEnds,
        Map<NodeId, ReplicaFitness> fitness,
        Map<NodeId, Target> serving,
        Staleness staleness) {

    /** A node as it was heard in this tick, or this node itself. */
    private record Seen(
            NodeId node, HostPort address, LocalServer server, Runner runner, boolean draining) {
        Target target() {
            return new Target(node, address);
        }
    }

    public static Routing start(ReplicaFitness.Limits limits) {
        return new Routing(limits, Routes.NONE, 0, 0, Map.of(), Map.of(), Staleness.NONE);
    }

    /** A view of an older term than the routes changes nothing (I7). */
    public Routing after(View view, long now) {
        long term = view.register().map(r -> r.tenure().term()).orElse(0L);
        if (term > 0 && term < routes.term()) {
            return this;
        }
        var seen = seen(view);
        long ends = leaseEnds(view, now);
        var writer = writer(view, seen, now < leaseEnds);
        var ages = age(view, seen, now);
        boolean led = writer instanceof Open || writer instanceof Draining;
        var judged = led ? judge(view, seen, ages, now) : fitness;
        var running = running(seen, writer);
        return new Routing(
                limits,
                routes(Math.max(term, routes.term()), writer, judged, running),
                now,
                ends,
                judged,
                running,
                ages);
    }

    /** How old that replica's data was at the last view, by the write probe if there is one. */
    public Duration age(Replica replica) {
        return staleness.of(replica.probe(), at).orElse(Duration.ofMillis(replica.lagMillis()));
    }

    /** Why that replica's data grows older, if its replay is paused or has stood still for long. */
    public Optional<String> stopped(Replica replica) {
        return replica.replay().flatMap(r -> r.trouble(limits.lag().toMillis()));
    }

    private static List<Seen> seen(View view) {
        var own =
                new Seen(
                        view.self(),
                        view.local().address(),
                        view.local().server(),
                        view.local().runner(),
                        view.local().handover().draining());
        return Stream.concat(
                        view.settings().witness() ? Stream.empty() : Stream.of(own),
                        view.peers().stream()
                                .filter(p -> !p.witness())
                                .map(
                                        p ->
                                                new Seen(
                                                        p.node(),
                                                        p.address(),
                                                        p.server(),
                                                        p.runner(),
                                                        p.handover().draining())))
                .toList();
    }

    private long leaseEnds(View view, long now) {
        long ttl = view.leaseTtl();
        return switch (view.lease()) {
            case Lease.Mine mine -> now + mine.remaining();
            case Lease.Theirs theirs -> now + Math.max(0, ttl * 105 / 100 - theirs.age());
            case Lease.Free free -> 0;
            case Lease.Blank blank -> 0;
            case Lease.Unknown unknown -> leaseEnds;
        };
    }

    /**
     * @param inForce the lease that was seen last may still be in force
     */
    private Writer writer(View view, List<Seen> seen, boolean inForce) {
        return switch (view.lease()) {
            case Lease.Mine mine -> ledBy(view.self(), mine.term(), view, seen);
            case Lease.Theirs theirs -> ledBy(theirs.holder(), theirs.term(), view, seen);
            case Lease.Free free -> new Vacant(free.last() + " leads no more, nobody leads yet");
            case Lease.Blank blank -> new Vacant("the cluster has not been founded yet");
            case Lease.Unknown unknown ->
                    inForce
                            ? routes.writer()
                            : new Vacant("no majority of the agents: " + unknown.reason());
        };
    }

    private Writer ledBy(NodeId holder, long term, View view, List<Seen> all) {
        var found = all.stream().filter(s -> s.node().equals(holder)).findFirst();
        if (found.isEmpty()) {
            return asBefore(holder, term, "is not heard");
        }
        var leader = found.get();
        return switch (leader.server()) {
            case Primary primary when leader.runner().armed() != term ->
                    asBefore(holder, term, "is not guarded yet");
            case Primary primary when leader.draining() ->
                    new Draining(leader.target(), successor(view));
            case Primary primary -> new Open(leader.target());
            case Unreachable closed when closed.writes(leader.runner(), term) ->
                    leader.draining()
                            ? new Draining(leader.target(), successor(view))
                            : new Open(leader.target());
            case Unreachable silent -> asBefore(holder, term, "has a server that does not answer");
            case Replica replica -> new Vacant(holder + " leads and is being promoted");
            case LocalServer.Starting s -> new Vacant(holder + " leads and its server starts");
            case LocalServer.Stopping s -> new Vacant(holder + " leads and its server stops");
            case LocalServer.Stopped s -> new Vacant(holder + " leads and its server is down");
            case LocalServer.Empty e -> new Vacant(holder + " leads and has no server");
        };
    }

    private static String successor(View view) {
        return view.register()
                .flatMap(r -> r.wishes().switchover())
                .map(s -> s.to().name())
                .orElse("another node");
    }

    /** A leader that was led to in this term keeps its sessions: silence alone proves nothing. */
    private Writer asBefore(NodeId holder, long term, String trouble) {
        boolean same =
                routes.term() == term
                        && switch (routes.writer()) {
                            case Open open -> open.to().node().equals(holder);
                            case Draining draining -> draining.from().node().equals(holder);
                            case Vacant vacant -> false;
                        };
        return same ? routes.writer() : new Vacant(holder + " leads and " + trouble);
    }

    private Staleness age(View view, List<Seen> seen, long now) {
        return primary(view, seen).map(p -> staleness.after(p.probe(), now)).orElse(staleness);
    }

    /** The leader's server, if it is heard and accepts writes, or would. */
    private static Optional<Primary> primary(View view, List<Seen> seen) {
        return view.leader()
                .flatMap(l -> seen.stream().filter(s -> s.node().equals(l)).findFirst())
                .map(Seen::server)
                .filter(Primary.class::isInstance)
                .map(Primary.class::cast);
    }

    private Map<NodeId, ReplicaFitness> judge(
            View view, List<Seen> seen, Staleness ages, long now) {
        var end = end(view, seen);
        var judged = new TreeMap<NodeId, ReplicaFitness>();
        fitness.forEach((node, fit) -> judged.put(node, fit.unheard()));
        seen.forEach(one -> judged.remove(one.node()));
        for (var one : seen) {
            if (one.server() instanceof Replica replica) {
                var lag =
                        ages.of(replica.probe(), now)
                                .orElse(Duration.ofMillis(replica.lagMillis()));
                judged.put(
                        one.node(),
                        fitness.getOrDefault(one.node(), ReplicaFitness.start(limits))
                                .after(
                                        new ReplicaFitness.Sample(
                                                replica.streaming(),
                                                replica.replayed().bytesBehind(end),
                                                Optional.of(lag),
                                                stopped(replica),
                                                now)));
            }
        }
        return judged;
    }

    /** The furthest WAL of the leader that is known. */
    private static Lsn end(View view, List<Seen> seen) {
        var renewed = view.register().map(r -> r.position().lsn()).orElse(Lsn.ZERO);
        return primary(view, seen)
                .map(p -> p.position().lsn())
                .filter(renewed::isBefore)
                .orElse(renewed);
    }

    /**
     * Servers that answer reads as far as is known. A replica that is not heard is left in: its
     * sessions leave it when they can, and the door itself feels whether it is silent. A former
     * leader is not, unless it is seen to be a replica (I7).
     */
    private Map<NodeId, Target> running(List<Seen> seen, Writer writer) {
        var running = new TreeMap<>(serving);
        target(routes.writer()).ifPresent(former -> running.remove(former.node()));
        for (var one : seen) {
            switch (one.server()) {
                case Replica replica -> running.put(one.node(), one.target());
                case Unreachable silent -> {}
                case Primary unentitled -> running.remove(one.node());
                case LocalServer.Starting s -> running.remove(one.node());
                case LocalServer.Stopping s -> running.remove(one.node());
                case LocalServer.Stopped s -> running.remove(one.node());
                case LocalServer.Empty e -> running.remove(one.node());
            }
        }
        target(writer).ifPresent(leader -> running.put(leader.node(), leader));
        return running;
    }

    private static Optional<Target> target(Writer writer) {
        return switch (writer) {
            case Open open -> Optional.of(open.to());
            case Draining draining -> Optional.of(draining.from());
            case Vacant vacant -> Optional.empty();
        };
    }

    private static Routes routes(
            long term,
            Writer writer,
            Map<NodeId, ReplicaFitness> fitness,
            Map<NodeId, Target> running) {
        var leader = target(writer);
        var readers =
                new ArrayList<>(
                        running.values().stream()
                                .filter(t -> !leader.equals(Optional.of(t)))
                                .filter(t -> fitness.containsKey(t.node()))
                                .filter(t -> fitness.get(t.node()).isFit())
                                .sorted(Comparator.comparing(Target::node))
                                .toList());
        if (readers.isEmpty() && writer instanceof Open open) {
            readers.add(open.to());
        }
        var tolerated = running.values().stream().filter(t -> !readers.contains(t)).toList();
        return new Routes(term, writer, readers, tolerated);
    }
}
