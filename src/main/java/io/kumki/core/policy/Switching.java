package io.kumki.core.policy;

import static io.kumki.core.policy.Policy.hold;

import io.kumki.core.model.Action.Checkpoint;
import io.kumki.core.model.Action.DropWishes;
import io.kumki.core.model.Action.Release;
import io.kumki.core.model.Action.Stop;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Decision;
import io.kumki.core.model.Doors;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.LocalServer.Replica;
import io.kumki.core.model.LocalServer.Stopped;
import io.kumki.core.model.Mode;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Peer;
import io.kumki.core.model.Rule;
import io.kumki.core.model.View;
import io.kumki.core.model.Wishes.Switchover;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A planned switchover on its source: checkpoint, stop, verify, hand over. Until the stop it can be
 * given up and everything is as it was.
 */
public final class Switching {
    /** What the target may lack, and what a stop may have to write, in bytes. */
    private static final long SMALL = 8L << 20;

    private Switching() {}

    static Optional<Switchover> pending(View view, ClusterRecord record) {
        return record.wishes().switchover().filter(s -> s.from().equals(view.self()));
    }

    /**
     * Why it can't begin or go on; empty if it can. Asked when it is requested and at each step.
     */
    public static Optional<String> obstacle(View view, ClusterRecord record, NodeId target) {
        var peer = view.peer(target);
        if (peer.isEmpty()) {
            return Optional.of(target + " is not heard");
        }
        if (peer.get().witness()) {
            return Optional.of(target + " is a witness: it has no server");
        }
        if (peer.get().standing().noFailover()) {
            return Optional.of(target + " has no-failover set");
        }
        if (!(peer.get().server() instanceof Replica replica) || !replica.streaming()) {
            return Optional.of(target + " does not stream");
        }
        if (isUnsafe(record, target) && !Synchrony.mayBecomeSafe(view, target)) {
            return Optional.of(
                    target + " may lack acknowledged commits; safe: " + record.safety().safe());
        }
        return Optional.empty();
    }

    private static boolean isUnsafe(ClusterRecord record, NodeId target) {
        return record.safety().mode() == Mode.SYNC && !record.safety().safe().contains(target);
    }

    /** With a third node: commits wait for another one so far. */
    private static Decision makeSafe(
            View view, ClusterRecord record, Primary primary, NodeId target) {
        var next = Synchrony.toward(view, record, primary, target);
        boolean late =
                isAt(view, Rule.Y11_PROVING)
                        && view.streak().millis() > view.settings().timing().patience();
        return late && next.rule() == Rule.Y11_PROVING
                ? new Decision(
                        Rule.S11_DROPPED,
                        new DropWishes(),
                        target + " is not proven to have every acknowledged commit")
                : next;
    }

    static Optional<Decision> asPrimary(View view, ClusterRecord record, Primary primary) {
        return pending(view, record).map(s -> step(view, record, primary, s.to()));
    }

    /**
     * Of a server that lets others in and not us: no checkpoint and no look at its transactions,
     * but it can be stopped, and its successor is waited for as ever.
     */
    static Optional<Decision> unseen(View view, ClusterRecord record) {
        return pending(view, record)
                .map(
                        s ->
                                obstacle(view, record, s.to())
                                        .map(
                                                why ->
                                                        new Decision(
                                                                Rule.S11_DROPPED,
                                                                new DropWishes(),
                                                                why))
                                        .or(() -> drain(view, 0))
                                        .orElseGet(() -> stop(s.to())));
    }

    private static Decision stop(NodeId target) {
        return new Decision(Rule.S14_STOP, new Stop(false), "to hand over to " + target);
    }

    /** From here on the leader's doors hold new work, until its server is gone. */
    public static boolean draining(Rule rule) {
        return rule == Rule.S18_DRAINING || rule == Rule.S14_STOP;
    }

    /**
     * What a switchover would break off or leave behind; empty if nothing. Asked of the leader
     * once, when an operator wishes it.
     */
    public static Optional<String> concern(View view, NodeId target) {
        if (!(view.local().server() instanceof Primary primary)) {
            return Optional.empty();
        }
        return archive(view, target).or(() -> sessions(view, primary));
    }

    /** An orderly stop ends only when all WAL is archived, or the archiver gave up. */
    private static Optional<String> archive(View view, NodeId target) {
        long limit = view.settings().maxBacklog();
        return view.local()
                .server()
                .archiver()
                .trouble(limit)
                .map(what -> "on %s %s, and its stop waits for it".formatted(view.self(), what))
                .or(
                        () ->
                                view.peer(target)
                                        .flatMap(p -> p.server().archiver().trouble(limit))
                                        .map(what -> "on %s %s".formatted(target, what)));
    }

    private static Optional<String> sessions(View view, Primary primary) {
        var activity = primary.activity();
        if (activity.logicalSlots() > 0) {
            return Optional.of(
                    "%d logical replication slots would stay behind on %s"
                            .formatted(activity.logicalSlots(), view.self()));
        }
        long drain = view.settings().timing().drain();
        if (activity.oldestTransactionSeconds() * 1000 > drain) {
            return Optional.of(
                    "a transaction on %s is open for %d s; it would be broken off after %d ms"
                            .formatted(view.self(), activity.oldestTransactionSeconds(), drain));
        }
        return Optional.empty();
    }

    private static Decision step(View view, ClusterRecord record, Primary primary, NodeId target) {
        var obstacle = obstacle(view, record, target);
        if (obstacle.isPresent()) {
            return new Decision(Rule.S11_DROPPED, new DropWishes(), obstacle.get());
        }
        if (isUnsafe(record, target)) {
            return makeSafe(view, record, primary, target);
        }
        // Once the doors hold, nothing but the drain may keep their clients waiting.
        return (isAt(view, Rule.S18_DRAINING)
                        ? Optional.<Decision>empty()
                        : prepare(view, primary, target))
                .or(() -> drain(view, primary.activity().openTransactions()))
                .orElseGet(() -> stop(target));
    }

    private static Optional<Decision> prepare(View view, Primary primary, NodeId target) {
        boolean late = view.streak().millis() > view.settings().timing().patience();
        boolean catchingUp = isAt(view, Rule.S12_CATCHING_UP);
        boolean checkpointing = isAt(view, Rule.S13_CHECKPOINT);
        if (primary.walSinceCheckpoint() > SMALL && !catchingUp && !(checkpointing && late)) {
            return Optional.of(
                    new Decision(
                            Rule.S13_CHECKPOINT,
                            new Checkpoint(),
                            primary.walSinceCheckpoint() + " bytes since the last one"));
        }
        var replica = (Replica) view.peer(target).orElseThrow().server();
        long behind = replica.position().lsn().bytesBehind(primary.position().lsn());
        if (behind <= SMALL) {
            return Optional.empty();
        }
        return Optional.of(
                catchingUp && late
                        ? new Decision(
                                Rule.S11_DROPPED,
                                new DropWishes(),
                                target + " stays " + behind + " bytes behind")
                        : hold(Rule.S12_CATCHING_UP, target + " is " + behind + " bytes behind"));
    }

    /** Waits for the doors, if there are any; without them nobody could hold new work. */
    private static Optional<Decision> drain(View view, int openTransactions) {
        var doors =
                Stream.concat(
                                Stream.of(view.local().handover()),
                                view.peers().stream().map(Peer::handover))
                        .flatMap(h -> h.doors().stream())
                        .toList();
        boolean late =
                isAt(view, Rule.S18_DRAINING)
                        && view.streak().millis() > view.settings().timing().drain();
        long notHolding = doors.stream().filter(d -> !d.holding()).count();
        int busy = doors.stream().mapToInt(Doors::busy).sum();
        boolean opaque = doors.stream().anyMatch(d -> d.opaque() > 0);
        int unseen = opaque ? openTransactions : 0;
        if (late || notHolding + busy + unseen == 0) {
            return Optional.empty();
        }
        return Optional.of(
                hold(
                        Rule.S18_DRAINING,
                        "%d of %d doors do not hold yet, %d sessions are busy, %d transactions open"
                                .formatted(notHolding, doors.size(), busy, openTransactions)));
    }

    private static boolean isAt(View view, Rule rule) {
        return view.streak().rule().equals(rule.id());
    }

    static Decision asStopped(View view, ClusterRecord record, Stopped stopped) {
        var target = record.wishes().switchover().orElseThrow().to();
        if (stopped.remains().cleanPrimary() && Leading.has(view, target, stopped.remains())) {
            return new Decision(
                    Rule.S15_HAND_OVER,
                    new Release(Optional.of(target)),
                    target + " has " + stopped.remains().checkpoint());
        }
        boolean waited =
                view.streak().rule().equals(Rule.L29_DRAINING.id())
                        && view.streak().millis() > 3 * view.settings().timing().grace();
        if (!stopped.remains().cleanPrimary() || waited) {
            return new Decision(
                    Rule.S16_ABANDONED,
                    new DropWishes(),
                    !stopped.remains().cleanPrimary()
                            ? "the server did not shut down cleanly"
                            : target + " did not reach " + stopped.remains().checkpoint());
        }
        return hold(
                Rule.L29_DRAINING, target + " has not reached " + stopped.remains().checkpoint());
    }
}
