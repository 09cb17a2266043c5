package io.kumki.core.policy;

import static io.kumki.core.policy.Policy.hold;

import io.kumki.core.model.Action.BePrimary;
import io.kumki.core.model.Action.MarkSafe;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Decision;
import io.kumki.core.model.Lease;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.LocalServer.Replica;
import io.kumki.core.model.LocalServer.Walsender;
import io.kumki.core.model.Mode;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Rule;
import io.kumki.core.model.Runner;
import io.kumki.core.model.View;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Keeps two facts in step: whom commits wait for (PostgreSQL), and who is safe to promote (the
 * register). To add a safe node, first PostgreSQL, then the register; to remove one, the other way
 * round. {@code synchronous_standby_names} never lists two: with a list, PostgreSQL would change
 * the standby that it waits for without asking the register.
 */
final class Synchrony {
    /** A standby further behind than this would hold up commits until it has caught up. */
    private static final long NEAR = 16L << 20;

    private Synchrony() {}

    /** The setting that a primary must start with, so that its safe standby stays safe. */
    static String namesFor(NodeId self, ClusterRecord record) {
        return record.safety().mode() == Mode.ASYNC
                ? ""
                : record.safety().safe().stream()
                        .filter(n -> !n.equals(self))
                        .min(Comparator.naturalOrder())
                        .map(Synchrony::quoted)
                        .orElse("");
    }

    static Optional<Decision> judge(View view, Lease.Mine mine, Primary primary) {
        var record = view.register().orElseThrow();
        var names = primary.synchronous().names();
        if (view.settings().mode() != record.safety().mode()) {
            return Optional.of(
                    new Decision(
                            Rule.Y09_MODE,
                            new MarkSafe(Set.of(view.self())),
                            view.settings().mode()
                                    + " is agreed on, so far the register has kept "
                                    + record.safety().mode()));
        }
        if (view.settings().mode() == Mode.ASYNC) {
            return names.isEmpty()
                    ? Optional.empty()
                    : Optional.of(disable(mine, "", "mode is async", names));
        }
        return unsafe(view, record, names)
                .or(() -> names.isEmpty() ? enable(view, primary) : keep(view, mine, primary));
    }

    /**
     * While our server refuses us: whom commits wait for is the register's word then, and whether
     * that standby is there is its own agent's. Nobody new becomes safe.
     */
    static Optional<Decision> unseen(View view, Lease.Mine mine, ClusterRecord record) {
        if (record.safety().mode() != Mode.SYNC) {
            return Optional.empty();
        }
        var standby = record.safety().safe().stream().filter(n -> !n.equals(view.self())).findAny();
        if (standby.isEmpty()) {
            return isSettledAlone(view)
                    ? Optional.empty()
                    : Optional.of(disable(mine, "", "nobody else is safe", "any standby"));
        }
        if (streamsFromUs(view, standby.get())) {
            return Optional.empty();
        }
        var because = standby.get() + "'s agent does not say that it streams from here";
        return Optional.of(
                isOverdue(view)
                        ? new Decision(Rule.Y20_UNSAFE, new MarkSafe(Set.of(view.self())), because)
                        : hold(Rule.Y19_STANDBY_AWAY, because));
    }

    /** We can't see the setting, only that the runner has done what we ordered last. */
    private static boolean isSettledAlone(View view) {
        return view.streak().rule().equals(Rule.L43_REFUSED.id())
                || view.streak().rule().equals(Rule.Y21_DISABLE.id())
                        && view.local().runner().result() == Runner.Result.DONE;
    }

    private static boolean streamsFromUs(View view, NodeId standby) {
        var here = view.local().address();
        return view.peer(standby)
                .filter(p -> p.server() instanceof Replica)
                .flatMap(p -> ((Replica) p.server()).receiver())
                .filter(r -> r.streaming() && r.host().equals(here.host()))
                .filter(r -> r.port() == here.port())
                .isPresent();
    }

    /** Whoever commits do not wait for is not safe, whatever made it so. */
    private static Optional<Decision> unsafe(View view, ClusterRecord record, String names) {
        var kept =
                record.safety().safe().stream()
                        .filter(n -> n.equals(view.self()) || quoted(n).equals(names))
                        .collect(Collectors.toSet());
        return kept.size() == record.safety().safe().size()
                ? Optional.empty()
                : Optional.of(
                        new Decision(
                                Rule.Y20_UNSAFE,
                                new MarkSafe(kept),
                                "commits wait for [%s], the register says %s"
                                        .formatted(names, record.safety().safe())));
    }

    private static Optional<Decision> enable(View view, Primary primary) {
        return best(view, primary)
                .map(
                        w ->
                                new Decision(
                                        Rule.Y10_ENABLE,
                                        new BePrimary(quoted(w.name()), false),
                                        w.name() + " streams"));
    }

    private static Optional<Decision> keep(View view, Lease.Mine mine, Primary primary) {
        var record = view.register().orElseThrow();
        var names = primary.synchronous().names();
        var present = healthy(view, primary, names);
        if (present.isPresent()) {
            var standby = new NodeId(present.get().name());
            return better(view, primary, standby)
                    .map(other -> move(view, mine, names, standby, other))
                    .or(() -> proven(view, record, standby));
        }
        boolean safe = record.safety().safe().stream().anyMatch(n -> quoted(n).equals(names));
        if (!safe) {
            var other = best(view, primary).map(w -> quoted(w.name())).orElse("");
            return Optional.of(disable(mine, other, "the register calls it unsafe", names));
        }
        return Optional.of(
                isStuck(view, primary, names) || isOverdue(view)
                        ? new Decision(
                                Rule.Y20_UNSAFE,
                                new MarkSafe(Set.of(view.self())),
                                absence(view, primary, names))
                        : hold(Rule.Y19_STANDBY_AWAY, names + " does not stream"));
    }

    /** One that could be promoted, where the present one could not. */
    private static Optional<NodeId> better(View view, Primary primary, NodeId present) {
        return Candidacy.promotable(view, present)
                ? Optional.empty()
                : best(view, primary)
                        .map(w -> new NodeId(w.name()))
                        .filter(other -> Candidacy.promotable(view, other));
    }

    /** As ever: first the register, then PostgreSQL, then the proof. */
    private static Decision move(
            View view, Lease.Mine mine, String names, NodeId present, NodeId other) {
        var because = present + " could not be promoted, " + other + " could";
        if (!view.register().orElseThrow().safety().safe().contains(present)) {
            return disable(mine, quoted(other), because, names);
        }
        boolean lasting =
                view.peer(present).filter(p -> p.standing().noFailover()).isPresent()
                        || view.streak().rule().equals(Rule.Y20_UNSAFE.id())
                        || view.streak().rule().equals(Rule.Y13_UNFIT.id())
                                && view.streak().millis() >= view.settings().timing().patience();
        return lasting
                ? new Decision(Rule.Y20_UNSAFE, new MarkSafe(Set.of(view.self())), because)
                : hold(Rule.Y13_UNFIT, because);
    }

    /** Whether commits could soon wait for it, so that it is safe. Only the leader can tell. */
    static boolean mayBecomeSafe(View view, NodeId node) {
        return view.local().server() instanceof Primary primary
                && able(view, primary).anyMatch(w -> w.name().equals(node.name()));
    }

    /** What makes that standby safe, whomever commits wait for now. */
    static Decision toward(View view, ClusterRecord record, Primary primary, NodeId node) {
        var names = primary.synchronous().names();
        var wrong = unsafe(view, record, names);
        if (wrong.isPresent()) {
            return wrong.get();
        }
        if (names.equals(quoted(node))) {
            return proven(view, record, node)
                    .orElseThrow(() -> new IllegalStateException(node + " is safe already"));
        }
        var because = "a switchover to " + node + " is wanted";
        if (record.safety().safe().size() > 1) {
            return new Decision(Rule.Y20_UNSAFE, new MarkSafe(Set.of(view.self())), because);
        }
        return view.lease() instanceof Lease.Mine mine
                ? disable(mine, quoted(node), because, names)
                : hold(Rule.L18_UNSETTLED, because);
    }

    private static boolean isOverdue(View view) {
        return view.streak().rule().equals(Rule.Y20_UNSAFE.id())
                || view.streak().rule().equals(Rule.Y19_STANDBY_AWAY.id())
                        && view.streak().millis() >= view.settings().timing().degradeAfter();
    }

    /** Commits have waited for it long enough already. */
    private static boolean isStuck(View view, Primary primary, String names) {
        return primary.walsenders().stream()
                .filter(w -> quoted(w.name()).equals(names))
                .anyMatch(w -> w.stuck() >= view.settings().timing().degradeAfter());
    }

    private static String absence(View view, Primary primary, String names) {
        return isStuck(view, primary, names)
                ? names + " streams and acknowledges nothing"
                : names + " is away for " + view.streak().millis() + " ms";
    }

    private static Optional<Decision> proven(View view, ClusterRecord record, NodeId standby) {
        var both = Set.of(view.self(), standby);
        if (record.safety().safe().equals(both)) {
            return Optional.empty();
        }
        boolean proven = view.proof().proven() && view.proof().names().equals(quoted(standby));
        return Optional.of(
                proven
                        ? new Decision(
                                Rule.Y12_SAFE,
                                new MarkSafe(both),
                                standby + " has every acknowledged commit")
                        : hold(
                                Rule.Y11_PROVING,
                                view.proof()
                                        .barrier()
                                        .map(lsn -> standby + " must reach " + lsn)
                                        .orElse(
                                                "a commit must be seen waiting for %s twice"
                                                        .formatted(standby))));
    }

    /** A write of ours that may still come through could make the standby safe after all. */
    private static Decision disable(Lease.Mine mine, String instead, String because, String names) {
        if (!mine.settled()) {
            return hold(Rule.L18_UNSETTLED, names + ": who is safe to promote may be changing");
        }
        return new Decision(
                Rule.Y21_DISABLE, new BePrimary(instead, false), names + ": " + because);
    }

    private static Stream<Walsender> able(View view, Primary primary) {
        return primary.walsenders().stream()
                .filter(w -> isMember(view, w))
                .filter(w -> isHealthy(view, w))
                .filter(w -> w.flushed().bytesBehind(primary.position().lsn()) < NEAR);
    }

    /** A second copy that can't be promoted is worth something, one that can is worth more. */
    private static Optional<Walsender> best(View view, Primary primary) {
        return able(view, primary)
                .max(
                        Comparator.comparing(
                                        (Walsender w) ->
                                                Candidacy.promotable(view, new NodeId(w.name())))
                                .thenComparing(Walsender::flushed)
                                .thenComparing(Walsender::name, Comparator.reverseOrder()));
    }

    private static Optional<Walsender> healthy(View view, Primary primary, String names) {
        return primary.walsenders().stream()
                .filter(w -> quoted(w.name()).equals(names))
                .filter(w -> isMember(view, w))
                .filter(w -> isHealthy(view, w))
                .findFirst();
    }

    /** A walsender may carry any name: pg_basebackup's is not a node's. */
    private static boolean isMember(View view, Walsender walsender) {
        return view.members().stream().anyMatch(n -> n.name().equals(walsender.name()));
    }

    private static boolean isHealthy(View view, Walsender walsender) {
        return walsender.streaming() && walsender.stuck() < view.settings().timing().degradeAfter();
    }

    private static String quoted(Object name) {
        return "\"" + name + "\"";
    }
}
