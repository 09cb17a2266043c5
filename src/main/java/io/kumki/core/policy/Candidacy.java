package io.kumki.core.policy;

import static io.kumki.core.policy.Policy.hold;

import io.kumki.core.model.Action.Campaign;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Decision;
import io.kumki.core.model.Episode;
import io.kumki.core.model.Episode.Cause;
import io.kumki.core.model.Lease;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.LocalServer.Replica;
import io.kumki.core.model.Mode;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Peer;
import io.kumki.core.model.Rule;
import io.kumki.core.model.Runner;
import io.kumki.core.model.View;
import io.kumki.core.model.Wishes.Switchover;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Who may be promoted, and who of those should be. */
public final class Candidacy {
    /** A new primary must at least be able to write some WAL. */
    private static final long DISK_NEEDED = 64L << 20;

    private static final Comparator<Candidate> RANK =
            Comparator.comparing((Candidate c) -> c.replica().position().lsn())
                    .thenComparing(c -> c.standing().priority())
                    .thenComparing(Candidate::node, Comparator.reverseOrder());

    private Candidacy() {}

    /** A standby that could be promoted, ours or a peer's. */
    record Candidate(NodeId node, Peer.Standing standing, Replica replica, Runner runner) {}

    /** Why one can't be promoted. */
    public record Objection(Rule rule, String because) {}

    /** The best standby that may follow the present leader without loss beyond the rules. */
    static Optional<NodeId> successor(View view) {
        return view.register()
                .flatMap(
                        record ->
                                fit(peers(view), record, view)
                                        .filter(c -> !c.node().equals(record.tenure().holder()))
                                        .max(RANK)
                                        .map(Candidate::node));
    }

    /** Whether a failover would succeed now, and to whom: for people and metrics. */
    public static Optional<NodeId> failoverTarget(View view) {
        return view.register()
                .filter(r -> !r.wishes().paused())
                .flatMap(
                        record ->
                                fit(Stream.concat(own(view), peers(view)), record, view)
                                        .filter(c -> !c.node().equals(record.tenure().holder()))
                                        .max(RANK)
                                        .map(Candidate::node));
    }

    /** Why each standby that was heard could not be promoted now: for people. */
    public static List<String> objections(View view) {
        var texts = new ArrayList<String>();
        for (var candidate : Stream.concat(own(view), peers(view)).toList()) {
            view.register()
                    .filter(record -> !record.heldBy(candidate.node()))
                    .flatMap(record -> objection(candidate, record, view))
                    .ifPresent(o -> texts.add(candidate.node() + ": " + o.because()));
        }
        return texts;
    }

    /**
     * May this replica stand for election? Only with every byte that the rules ask for, and only if
     * nobody fit outranks it: more WAL wins, then priority, then the lower name, so equals never
     * tie.
     */
    static Decision judge(View view, Lease.Free free, Replica replica) {
        var record = view.register().orElseThrow();
        var me =
                new Candidate(
                        view.self(), view.settings().standing(), replica, view.local().runner());
        boolean named = free.to().equals(Optional.of(view.self()));
        boolean forced = record.wishes().forced().equals(Optional.of(view.self()));
        if (record.wishes().paused() && !named && !forced) {
            return hold(Rule.C01_PAUSED, "paused by an operator");
        }
        if (forced && replica.systemId().equals(record.systemId())) {
            return new Decision(
                    Rule.C10_BEST, new Campaign(Cause.FORCED), "an operator accepted the loss");
        }
        var objection = objection(me, record, view);
        if (objection.isPresent()) {
            return hold(objection.get().rule(), objection.get().because());
        }
        if (!free.released() && replica.still() < view.settings().timing().stillBefore()) {
            return hold(Rule.C06_WAL_ARRIVES, "WAL arrived " + replica.still() + " ms ago");
        }
        return amongOthers(view, free, me, record);
    }

    private static Decision amongOthers(
            View view, Lease.Free free, Candidate me, ClusterRecord record) {
        boolean named = free.to().equals(Optional.of(me.node()));
        boolean inGrace =
                !view.streak().rule().equals(Rule.C10_BEST.id())
                        && free.age() < graceEnd(view, free);
        if (!named && free.to().isPresent() && inGrace) {
            return hold(Rule.C08_RELEASED_TO_OTHER, "left to " + free.to().get());
        }
        var better = fit(peers(view), record, view).filter(p -> RANK.compare(p, me) > 0).max(RANK);
        if (!named && better.isPresent() && inGrace) {
            return hold(
                    Rule.C09_OUTRANKED,
                    better.get().node() + " has " + better.get().replica().position());
        }
        var order = named ? switchover(record) : Optional.<Switchover>empty();
        var reason =
                order.map(s -> ordered(s, me.node()))
                        .orElseGet(() -> free.released() ? left(view, free) : silent(free));
        return new Decision(
                Rule.C10_BEST,
                new Campaign(order.isPresent() ? Cause.SWITCHOVER : Cause.FAILOVER),
                reason + "; nobody safe has more than " + me.replica().position());
    }

    /** A switchover stays in the record until the target has taken over. */
    private static Optional<Switchover> switchover(ClusterRecord record) {
        return record.wishes().switchover().filter(s -> s.from().equals(record.tenure().holder()));
    }

    private static String ordered(Switchover order, NodeId to) {
        return "a switchover was ordered%s: %s was stopped for it and left the lease to %s"
                .formatted(order.by().map(by -> " by " + by).orElse(""), order.from(), to);
    }

    private static String silent(Lease.Free free) {
        return free.last() + " has not renewed its lease for " + free.age() + " ms";
    }

    /** Its agent may say how the server ended. */
    private static String left(View view, Lease.Free free) {
        var how =
                view.peer(free.last())
                        .filter(p -> p.server() instanceof LocalServer.Stopped)
                        .map(p -> ((LocalServer.Stopped) p.server()).crashed())
                        .map(crashed -> crashed ? " crashed" : " was stopped")
                        .orElse(" ended");
        return free.last() + "'s server" + how + " and it left the lease";
    }

    /** A released lease is free at once, an expired one after the wait that made it so. */
    private static long graceEnd(View view, Lease.Free free) {
        var timing = view.settings().timing();
        return timing.grace() + (free.released() ? 0 : timing.ttl());
    }

    private static Stream<Candidate> peers(View view) {
        return view.peers().stream()
                .filter(p -> p.server() instanceof Replica)
                .map(p -> new Candidate(p.node(), p.standing(), (Replica) p.server(), p.runner()));
    }

    private static Stream<Candidate> own(View view) {
        return view.local().server() instanceof Replica replica
                ? Stream.of(
                        new Candidate(
                                view.self(),
                                view.settings().standing(),
                                replica,
                                view.local().runner()))
                : Stream.empty();
    }

    private static Stream<Candidate> fit(
            Stream<Candidate> candidates, ClusterRecord record, View view) {
        return candidates.filter(c -> objection(c, record, view).isEmpty());
    }

    /** Whether that peer could be promoted if it lacks nothing: its agent is heard and says so. */
    static boolean promotable(View view, NodeId node) {
        var record = view.register();
        return record.isPresent()
                && peers(view)
                        .filter(c -> c.node().equals(node))
                        .anyMatch(c -> unfit(c, record.get()).isEmpty());
    }

    private static Optional<Objection> objection(
            Candidate candidate, ClusterRecord record, View view) {
        return unfit(candidate, record).or(() -> lack(candidate, record, view));
    }

    /** Whatever WAL it has. */
    private static Optional<Objection> unfit(Candidate candidate, ClusterRecord record) {
        var replica = candidate.replica();
        if (candidate.standing().noFailover()) {
            return Optional.of(new Objection(Rule.C02_NO_FAILOVER, "no-failover is set"));
        }
        if (!replica.systemId().equals(record.systemId())) {
            return Optional.of(
                    new Objection(
                            Rule.C03_FOREIGN,
                            "system identifier is %s, the cluster's is %s"
                                    .formatted(replica.systemId(), record.systemId())));
        }
        if (candidate.runner().diskFree() >= 0 && candidate.runner().diskFree() < DISK_NEEDED) {
            return Optional.of(
                    new Objection(
                            Rule.C07_DISK_FULL, candidate.runner().diskFree() + " bytes are free"));
        }
        return Optional.empty();
    }

    /**
     * A leader that was cut off before its first renewal knows of a timeline that the record lacks.
     */
    private static int newestTimeline(View view, ClusterRecord record) {
        int known = record.position().timeline();
        if (!record.heldBy(view.self())) {
            return known;
        }
        return switch (view.local().server()) {
            case LocalServer.Primary primary -> Math.max(known, primary.position().timeline());
            case LocalServer.Stopped stopped -> Math.max(known, stopped.remains().timeline());
            case Replica replica -> Math.max(known, replica.position().timeline());
            case LocalServer.Starting s -> known;
            case LocalServer.Stopping s -> known;
            case LocalServer.Empty e -> known;
            case LocalServer.Unreachable u -> known;
        };
    }

    /**
     * Who is safe has all that the last leader had when it opened. A directory that was put back
     * from a backup has the name and not the WAL. The timeline alone would not do: a standby that
     * restarted knows it late.
     */
    private static Optional<Objection> old(Candidate candidate, ClusterRecord record) {
        var position = candidate.replica().position();
        return record.latest()
                .flatMap(Episode::opened)
                .map(Episode.Opened::position)
                .filter(opened -> position.timeline() < opened.timeline())
                .filter(opened -> position.lsn().isBefore(opened.lsn()))
                .map(
                        opened ->
                                new Objection(
                                        Rule.C05_TOO_FAR_BEHIND,
                                        "called safe, but at %s; the last leader opened at %s"
                                                .formatted(position, opened)));
    }

    /** What of the acknowledged commits it may lack (I2). */
    private static Optional<Objection> lack(Candidate candidate, ClusterRecord record, View view) {
        if (record.safety().mode() == Mode.SYNC) {
            return record.safety().safe().contains(candidate.node())
                    ? old(candidate, record)
                    : Optional.of(
                            new Objection(
                                    Rule.C04_NOT_SAFE,
                                    "may lack commits; complete: " + record.safety().safe()));
        }
        var position = candidate.replica().position();
        long behind = position.lsn().bytesBehind(record.position().lsn());
        if (position.timeline() < newestTimeline(view, record)) {
            return Optional.of(
                    new Objection(
                            Rule.C05_TOO_FAR_BEHIND,
                            "on timeline %d, the primary was on timeline %d"
                                    .formatted(position.timeline(), newestTimeline(view, record))));
        }
        if (behind > view.settings().maxLag()) {
            return Optional.of(
                    new Objection(
                            Rule.C05_TOO_FAR_BEHIND,
                            "at %s, the primary was at %s: %d bytes behind, %d allowed"
                                    .formatted(
                                            position,
                                            record.position(),
                                            behind,
                                            view.settings().maxLag())));
        }
        return Optional.empty();
    }
}
