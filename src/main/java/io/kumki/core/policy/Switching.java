package io.kumki.core.policy;

import static io.kumki.core.policy.Policy.hold;

import io.kumki.core.model.Action.Checkpoint;
import io.kumki.core.model.Action.DropWishes;
import io.kumki.core.model.Action.Release;
import io.kumki.core.model.Action.Stop;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Decision;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.LocalServer.Replica;
import io.kumki.core.model.LocalServer.Stopped;
import io.kumki.core.model.Mode;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Rule;
import io.kumki.core.model.View;
import io.kumki.core.model.Wishes.Switchover;
import java.util.Optional;

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
        if (record.safety().mode() == Mode.SYNC && !record.safety().safe().contains(target)) {
            return Optional.of(
                    target + " may lack acknowledged commits; safe: " + record.safety().safe());
        }
        return Optional.empty();
    }

    static Optional<Decision> asPrimary(View view, ClusterRecord record, Primary primary) {
        return pending(view, record).map(s -> step(view, record, primary, s.to()));
    }

    private static Decision step(View view, ClusterRecord record, Primary primary, NodeId target) {
        var obstacle = obstacle(view, record, target);
        if (obstacle.isPresent()) {
            return new Decision(Rule.S11_DROPPED, new DropWishes(), obstacle.get());
        }
        boolean late = view.streak().millis() > view.settings().timing().patience();
        boolean catchingUp = view.streak().rule().equals(Rule.S12_CATCHING_UP.id());
        boolean checkpointing = view.streak().rule().equals(Rule.S13_CHECKPOINT.id());
        if (primary.walSinceCheckpoint() > SMALL && !catchingUp && !(checkpointing && late)) {
            return new Decision(
                    Rule.S13_CHECKPOINT,
                    new Checkpoint(),
                    primary.walSinceCheckpoint() + " bytes since the last one");
        }
        var replica = (Replica) view.peer(target).orElseThrow().server();
        long behind = replica.position().lsn().bytesBehind(primary.position().lsn());
        if (behind > SMALL) {
            return catchingUp && late
                    ? new Decision(
                            Rule.S11_DROPPED,
                            new DropWishes(),
                            target + " stays " + behind + " bytes behind")
                    : hold(Rule.S12_CATCHING_UP, target + " is " + behind + " bytes behind");
        }
        return new Decision(Rule.S14_STOP, new Stop(false), "to hand over to " + target);
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
