package io.kumki.core.policy;

import io.kumki.core.model.Action.Slots;
import io.kumki.core.model.Decision;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.LocalServer.Replica;
import io.kumki.core.model.LocalServer.Slot;
import io.kumki.core.model.Lsn;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Peer;
import io.kumki.core.model.Rule;
import io.kumki.core.model.View;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A physical slot for every member on every node: on the primary so that a member that is away
 * finds its WAL again, on a standby for the day that it is promoted. PostgreSQL bounds what they
 * keep ({@code max_slot_wal_keep_size}); one that it gave up is dropped and made anew.
 *
 * <p>On a standby none of them may hold an xmin: nobody there moves it on, and {@code
 * hot_standby_feedback} would carry it to the primary, where vacuum would remove nothing any more.
 * A former primary that was stopped in an orderly way has such slots, and makes them anew.
 */
final class SlotRule {
    private static final String OURS = "kumki_";

    /** A slot on a standby is moved only when it is this far behind: it costs an fsync. */
    private static final long STEP = 16L << 20;

    private SlotRule() {}

    static Optional<Decision> onPrimary(View view, Primary primary) {
        return judge(view, primary.slots(), Set.of(), Set.of(), Rule.L16_SLOTS);
    }

    static Optional<Decision> onStandby(View view, Replica replica) {
        var advance = new HashSet<Slots.Advance>();
        for (var slot : replica.slots()) {
            owner(view, slot)
                    .map(p -> reached(p, replica))
                    .filter(to -> !slot.active() && !slot.lost())
                    .filter(to -> slot.restart().bytesBehind(to) > STEP)
                    .ifPresent(to -> advance.add(new Slots.Advance(slot.name(), to)));
        }
        var members = members(view);
        var anew =
                replica.slots().stream()
                        .filter(s -> s.pins() && !s.active() && !s.lost())
                        .map(Slot::name)
                        .filter(members::contains)
                        .collect(Collectors.toSet());
        return judge(view, replica.slots(), advance, anew, Rule.F13_SLOTS);
    }

    private static Optional<Decision> judge(
            View view, List<Slot> slots, Set<Slots.Advance> advance, Set<String> anew, Rule rule) {
        var members = members(view);
        var names = slots.stream().map(Slot::name).collect(Collectors.toSet());
        var create =
                view.peers().stream()
                        .filter(p -> !p.witness())
                        .map(p -> p.node().slot())
                        .filter(s -> !names.contains(s))
                        .collect(Collectors.toCollection(HashSet::new));
        var drop =
                slots.stream()
                        .filter(s -> s.name().startsWith(OURS) && !s.active())
                        .filter(s -> s.lost() || !members.contains(s.name()))
                        .map(Slot::name)
                        .collect(Collectors.toCollection(HashSet::new));
        create.addAll(anew);
        drop.addAll(anew);
        if (create.isEmpty() && drop.isEmpty() && advance.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                new Decision(
                        rule,
                        new Slots(create, drop, advance),
                        "create %s, drop %s, advance %s".formatted(create, drop, advance)));
    }

    private static Set<String> members(View view) {
        return view.members().stream().map(NodeId::slot).collect(Collectors.toSet());
    }

    private static Optional<Peer> owner(View view, Slot slot) {
        return view.peers().stream().filter(p -> p.node().slot().equals(slot.name())).findFirst();
    }

    /** How far its owner is, but never beyond what we have replayed ourselves. */
    private static Lsn reached(Peer owner, Replica replica) {
        var theirs =
                switch (owner.server()) {
                    case Primary primary -> primary.position().lsn();
                    case Replica other -> other.position().lsn();
                    case LocalServer.Starting s -> Lsn.ZERO;
                    case LocalServer.Stopping s -> Lsn.ZERO;
                    case LocalServer.Stopped s -> Lsn.ZERO;
                    case LocalServer.Empty e -> Lsn.ZERO;
                    case LocalServer.Unreachable u -> Lsn.ZERO;
                };
        return theirs.isBefore(replica.replayed()) ? theirs : replica.replayed();
    }
}
