package io.kumki.core.policy;

import static io.kumki.core.policy.Policy.hold;

import io.kumki.core.model.Action.BePrimary;
import io.kumki.core.model.Action.BeStandby;
import io.kumki.core.model.Action.Checkpoint;
import io.kumki.core.model.Action.DropWishes;
import io.kumki.core.model.Action.Lapse;
import io.kumki.core.model.Action.Receipt;
import io.kumki.core.model.Action.Release;
import io.kumki.core.model.Action.Stop;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Decision;
import io.kumki.core.model.Episode;
import io.kumki.core.model.Lease;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.LocalServer.Stopped;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Position;
import io.kumki.core.model.Rule;
import io.kumki.core.model.Settings.OnCrash;
import io.kumki.core.model.View;
import io.kumki.core.model.Words;
import java.util.Optional;

/** The lease is ours. */
final class Leading {
    private Leading() {}

    static Decision decide(View view, Lease.Mine mine) {
        var record = view.register().orElseThrow();
        var gone = gone(view);
        if (gone.isPresent()) {
            return gone.get();
        }
        return switch (view.local().server()) {
            case Primary primary -> asPrimary(view, mine, record, primary);
            case LocalServer.Replica replica -> promote(view, replica);
            case LocalServer.Starting starting -> starting(view, starting);
            case LocalServer.Stopping stopping -> stopping(view, stopping);
            case Stopped stopped ->
                    Switching.pending(view, record).isPresent()
                                    && !view.local().runner().openedShort()
                            ? Switching.asStopped(view, record, stopped)
                            : asStopped(view, mine, record, stopped);
            case LocalServer.Empty empty -> asEmpty(view, record);
            case LocalServer.Unreachable unreachable -> asUnreachable(view, mine, unreachable);
        };
    }

    private static Decision asPrimary(
            View view, Lease.Mine mine, ClusterRecord record, Primary primary) {
        if (view.local().runner().armed() != mine.term()) {
            return new Decision(
                    Rule.L12_ARM,
                    new BePrimary(primary.synchronous().names(), false),
                    "the runner guards term %d, ours is %d"
                            .formatted(view.local().runner().armed(), mine.term()));
        }
        long silent = view.local().runner().silent();
        if (silent > view.settings().timing().ttl()) {
            return hold(Rule.L19_NO_HAND, "the runner has been silent for " + silent + " ms");
        }
        return opened(mine, record, primary.position())
                .or(() -> Switching.asPrimary(view, record, primary))
                .or(() -> measured(view, record))
                .or(() -> Agreement.judge(view, record))
                .or(() -> standbys(view, mine, record, primary))
                .orElseGet(
                        () ->
                                hold(
                                        Rule.L10_LEADING,
                                        "term %d, lease valid for %d ms"
                                                .formatted(mine.term(), mine.remaining())));
    }

    /** What only goes on, or is repeated in vain, must not keep all the rest from being done. */
    private static Optional<Decision> standbys(
            View view, Lease.Mine mine, ClusterRecord record, Primary primary) {
        var synchrony = Synchrony.judge(view, mine, primary);
        var rest =
                SlotRule.onPrimary(view, primary)
                        .or(() -> checkpoint(primary))
                        .or(() -> fulfilled(record));
        return synchrony.filter(s -> !yields(view, s) || rest.isEmpty()).or(() -> rest);
    }

    private static boolean yields(View view, Decision synchrony) {
        boolean repeated =
                view.streak().rule().equals(synchrony.rule().id())
                        && view.streak().millis() > view.settings().timing().grace();
        return synchrony.rule() == Rule.Y11_PROVING
                || synchrony.rule() == Rule.Y10_ENABLE && repeated;
    }

    /** A forced failover is for a moment without a leader, a switchover for one leader. */
    private static Optional<Decision> fulfilled(ClusterRecord record) {
        var wishes = record.wishes();
        boolean stale =
                wishes.forced().isPresent()
                        || wishes.switchover().filter(s -> !record.heldBy(s.from())).isPresent();
        return stale
                ? Optional.of(
                        new Decision(
                                Rule.L17_WISH_ENDED,
                                new DropWishes(),
                                "its occasion has passed: " + Words.of(wishes)))
                : Optional.empty();
    }

    /** In a synchronous mode a promoted node was safe, so nothing acknowledged can be lost. */
    private static Optional<Decision> opened(
            Lease.Mine mine, ClusterRecord record, Position position) {
        return record.latest()
                .filter(e -> e.term() == mine.term() && e.opened().isEmpty())
                .map(
                        episode -> {
                            var opened = Receipts.opened(episode, position);
                            return new Decision(
                                    Rule.L13_OPENED,
                                    new Receipt(mine.term(), opened),
                                    "accepts writes at " + position);
                        });
    }

    /** An old primary came back and its runner measured what only it had. */
    private static Optional<Decision> measured(View view, ClusterRecord record) {
        for (var peer : view.peers()) {
            var work = peer.runner().work();
            var found = Receipts.measured(record, peer.node(), work);
            if (found.isPresent()) {
                return Optional.of(
                        new Decision(
                                Rule.L14_MEASURED,
                                found.get(),
                                "%s keeps %d bytes in %s"
                                        .formatted(
                                                peer.node(), work.salvageBytes(), work.salvage())));
            }
        }
        return Optional.empty();
    }

    private static Optional<Decision> checkpoint(Primary primary) {
        if (primary.controlTimeline() >= primary.position().timeline()) {
            return Optional.empty();
        }
        return Optional.of(
                new Decision(
                        Rule.L15_CHECKPOINT,
                        new Checkpoint(),
                        "the control file says timeline %d, the WAL %d"
                                .formatted(
                                        primary.controlTimeline(), primary.position().timeline())));
    }

    private static Decision promote(View view, LocalServer.Replica replica) {
        long patience = view.settings().timing().patience();
        boolean stuck =
                view.streak().rule().equals(Rule.L22_PROMOTION_STUCK.id())
                        || view.streak().rule().equals(Rule.L20_PROMOTE.id())
                                && view.streak().millis() > patience
                                && !replays(replica, patience);
        if (stuck) {
            return new Decision(
                    Rule.L22_PROMOTION_STUCK,
                    new Stop(true),
                    "still in recovery; " + view.local().runner().error());
        }
        return new Decision(
                Rule.L20_PROMOTE,
                new BePrimary("", false, replica.position().lsn()),
                "from " + replica.position());
    }

    /**
     * A stop would throw away what has been replayed since the last restartpoint. Where a start
     * forgot how far WAL was received, the position itself is what moves.
     */
    private static boolean replays(LocalServer.Replica replica, long patience) {
        boolean more = replica.replayed().isBefore(replica.position().lsn());
        return replica.still() < patience
                || more && replica.replay().filter(r -> r.still() < patience).isPresent();
    }

    /**
     * It refuses only us: others write. What must go on without a session of ours goes on, by what
     * the runner and the standbys' own agents say.
     */
    private static Decision unseen(View view, Lease.Mine mine, LocalServer.Unreachable server) {
        var record = view.register().orElseThrow();
        var runner = view.local().runner();
        if (!server.writes(runner, mine.term())) {
            return !mine.settled()
                    ? hold(Rule.L18_UNSETTLED, "who is safe to promote may be changing")
                    : new Decision(
                            Rule.L12_ARM,
                            new BePrimary(Synchrony.namesFor(view.self(), record), false),
                            "the runner guards term %d, ours is %d"
                                    .formatted(runner.armed(), mine.term()));
        }
        if (runner.silent() > view.settings().timing().ttl()) {
            return hold(
                    Rule.L19_NO_HAND, "the runner has been silent for " + runner.silent() + " ms");
        }
        return Switching.unseen(view, record)
                .or(() -> measured(view, record))
                .or(() -> Agreement.judge(view, record))
                .or(() -> Synchrony.unseen(view, mine, record))
                .or(() -> fulfilled(record))
                .orElseGet(() -> hold(Rule.L43_REFUSED, server.reason()));
    }

    private static Decision starting(View view, LocalServer.Starting starting) {
        boolean late = starting.since() > view.settings().timing().patience();
        var successor = Candidacy.successor(view);
        if (late && successor.isPresent() && mayHandOver(view)) {
            return new Decision(
                    Rule.L24_START_STUCK,
                    new Stop(true),
                    "starting for %d ms, %s is safe".formatted(starting.since(), successor.get()));
        }
        var why = late ? ", and nobody takes over: " + Candidacy.objections(view) : "";
        return hold(Rule.L23_STARTING, "for " + starting.since() + " ms" + why);
    }

    private static Decision stopping(View view, LocalServer.Stopping stopping) {
        return stopping.since() > view.settings().timing().patience()
                ? new Decision(
                        Rule.L26_STOP_STUCK,
                        new Stop(true),
                        "stopping for " + stopping.since() + " ms")
                : hold(Rule.L25_STOPPING, "for " + stopping.since() + " ms");
    }

    private static Decision asStopped(
            View view, Lease.Mine mine, ClusterRecord record, Stopped stopped) {
        var successor = Candidacy.successor(view);
        var runner = view.local().runner();
        if (runner.openedShort()) {
            return new Decision(
                    Rule.L27_OPENED_SHORT,
                    new Release(record.wishes().paused() ? Optional.empty() : successor),
                    runner.error());
        }
        boolean broken =
                runner.failed("primary") || runner.silent() > view.settings().timing().patience();
        boolean hopeless = broken && !record.wishes().paused();
        if (successor.isPresent() && (mayHandOver(view) || hopeless)) {
            boolean waiting =
                    !view.streak().rule().equals(Rule.L29_DRAINING.id())
                            || view.streak().millis() < view.settings().timing().grace();
            if (stopped.remains().cleanPrimary()
                    && waiting
                    && !has(view, successor.get(), stopped.remains())) {
                return hold(
                        Rule.L29_DRAINING,
                        successor.get() + " has not reached " + stopped.remains().checkpoint());
            }
            return new Decision(
                    Rule.L30_HAND_OVER,
                    new Release(successor),
                    (stopped.crashed() ? "the server crashed; " : "the server was stopped; ")
                            + successor.get()
                            + " is safe");
        }
        if (!stopped.remains().wasPrimary()) {
            return new Decision(
                    Rule.L31_START,
                    new BeStandby(Optional.empty()),
                    "it was a standby: only a promotion gives it a timeline of its own");
        }
        var since = openedSince(view, record);
        if (since.isPresent()) {
            return new Decision(
                    Rule.L31_START,
                    new BeStandby(Optional.empty()),
                    since.get() + " led since: only a promotion gives it a timeline of its own");
        }
        if (!mine.settled() || record.tenure().released()) {
            return hold(Rule.L18_UNSETTLED, "who may lead or be promoted is changing");
        }
        return new Decision(
                Rule.L31_START,
                new BePrimary(Synchrony.namesFor(view.self(), record), false),
                runner.trouble().isEmpty()
                        ? whyInPlace(view, successor)
                        : "again, after: " + runner.trouble());
    }

    /** Why the server that ended is started where it was. */
    private static String whyInPlace(View view, Optional<NodeId> successor) {
        if (successor.isEmpty()) {
            return "no safe successor is up";
        }
        return view.settings().onCrash() == OnCrash.RESTART
                ? "on-crash is restart"
                : "paused by an operator: nobody is promoted instead";
    }

    /**
     * As where an operator forced a node that was away meanwhile: on its old timeline it would go
     * on beside the other's, and a base backup of it could not be restored to {@code latest}.
     */
    private static Optional<NodeId> openedSince(View view, ClusterRecord record) {
        return record.history().reversed().stream()
                .filter(e -> e.opened().isPresent())
                .findFirst()
                .map(Episode::leader)
                .filter(last -> !last.equals(view.self()));
    }

    /** The peer has more than the start of the shutdown checkpoint, so it has all of it. */
    static boolean has(View view, NodeId node, LocalServer.Remains remains) {
        return view.peer(node)
                .filter(p -> p.server() instanceof LocalServer.Replica)
                .map(p -> (LocalServer.Replica) p.server())
                .filter(r -> remains.checkpoint().isBefore(r.position().lsn()))
                .isPresent();
    }

    private static boolean mayHandOver(View view) {
        boolean paused = view.register().map(r -> r.wishes().paused()).orElse(false);
        return view.settings().onCrash() == OnCrash.FAILOVER && !paused;
    }

    private static Decision asEmpty(View view, ClusterRecord record) {
        if (record.systemId().isEmpty() && view.settings().bootstrap()) {
            return new Decision(
                    Rule.L33_BOOTSTRAP, new BePrimary("", true), "the cluster is founded here");
        }
        return new Decision(
                Rule.L34_DATA_GONE,
                new Release(
                        record.wishes().paused() ? Optional.empty() : Candidacy.successor(view)),
                "the data directory of " + record.systemId() + " is not here");
    }

    /**
     * A container that was killed, or stands still, takes its runner along: nobody is left to obey
     * a stop, and nobody says that the server has ended. It may live, so the lease is not released.
     */
    private static Optional<Decision> gone(View view) {
        var timing = view.settings().timing();
        boolean dark =
                switch (view.local().server()) {
                    case LocalServer.Unreachable u ->
                            !u.spoke() && u.since() >= timing.unreachableAfter();
                    // It may answer already; with patience gone it would have been seen.
                    case LocalServer.Starting starting ->
                            !starting.spoke() && starting.since() > timing.patience();
                    case LocalServer.Stopping stopping -> true;
                    case Primary primary -> false;
                    case LocalServer.Replica replica -> false;
                    case Stopped stopped -> false;
                    case LocalServer.Empty empty -> false;
                };
        if (!dark || view.local().runner().silent() <= timing.ttl() || !mayHandOver(view)) {
            return Optional.empty();
        }
        return Candidacy.successor(view)
                .map(
                        safe ->
                                new Decision(
                                        Rule.L44_GONE,
                                        new Lapse(),
                                        "no word from the runner either; %s is safe"
                                                .formatted(safe)));
    }

    private static Decision asUnreachable(
            View view, Lease.Mine mine, LocalServer.Unreachable server) {
        if (server.spoke()) {
            return server.primary()
                    ? unseen(view, mine, server)
                    : hold(Rule.L43_REFUSED, server.reason());
        }
        if (server.since() < view.settings().timing().unreachableAfter()) {
            return hold(Rule.L42_MISSED, server.reason() + " for " + server.since() + " ms");
        }
        var successor = Candidacy.successor(view);
        return successor.isPresent() && mayHandOver(view)
                ? new Decision(
                        Rule.L40_UNREACHABLE,
                        new Stop(true),
                        "%s for %d ms; %s is safe"
                                .formatted(server.reason(), server.since(), successor.get()))
                : hold(Rule.L41_NO_SUCCESSOR, server.reason() + "; " + Candidacy.objections(view));
    }
}
