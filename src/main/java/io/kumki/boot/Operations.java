package io.kumki.boot;

import io.kumki.adapter.peer.HttpPeers;
import io.kumki.adapter.register.EmbeddedRegister;
import io.kumki.adapter.register.Voter;
import io.kumki.agent.Snapshot;
import io.kumki.agent.StatusBoard;
import io.kumki.agent.port.RecordCodec;
import io.kumki.agent.port.Register;
import io.kumki.api.Asked;
import io.kumki.api.NoMajorityException;
import io.kumki.api.Operator;
import io.kumki.api.RefusedException;
import io.kumki.core.consensus.Outcome;
import io.kumki.core.consensus.Readmission;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Lease;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.Mode;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.View;
import io.kumki.core.model.Wishes;
import io.kumki.core.model.Wishes.Switchover;
import io.kumki.core.policy.Candidacy;
import io.kumki.core.policy.Standstill;
import io.kumki.core.policy.Switching;
import io.smallrye.mutiny.Uni;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/** An operator's wishes become entries in the register; the leader's next tick does the rest. */
final class Operations implements Operator {
    private static final String PAUSED =
            "paused: no failover, no promotion, no rejoin by itself, until `kumki resume`. A leader"
                    + " whose server crashes is still started where it is, and a server without a"
                    + " lease is still stopped";

    private final Parts parts;

    /**
     * @param issued the highest ballot counter of our proposer
     */
    record Parts(
            StatusBoard board,
            Register register,
            EmbeddedRegister embedded,
            Voter voter,
            HttpPeers peers,
            RecordCodec codec,
            Loop loop,
            Runnable poke,
            LongSupplier issued,
            Set<NodeId> others) {}

    Operations(Parts parts) {
        this.parts = parts;
    }

    @Override
    public Uni<String> pause() {
        return pausing(true).map(was -> (was ? "was paused already: " : "") + PAUSED);
    }

    @Override
    public Uni<String> resume() {
        return pausing(false).map(was -> was ? "resumed" : "was not paused");
    }

    /** Returns what it was before, by the record that was really replaced. */
    private Uni<Boolean> pausing(boolean paused) {
        var was = new AtomicBoolean();
        return change(
                        r -> {
                            was.set(r.wishes().paused());
                            return r.with(
                                    new Wishes(
                                            paused, r.wishes().switchover(), r.wishes().forced()));
                        })
                .map(done -> was.get());
    }

    @Override
    public Uni<String> switchover(Optional<NodeId> to, boolean force, Asked by) {
        return Uni.createFrom()
                .deferred(
                        () -> {
                            var view = snapshot().view();
                            var record = record();
                            var leader = record.tenure().holder();
                            if (!(view.lease() instanceof Lease.Mine)) {
                                return forward(view.lease(), leader, new Wanted(to, force, by));
                            }
                            refuseIfPaused(record);
                            refuseStandstill(view);
                            var target = to.orElseGet(() -> best(view));
                            check(target, leader, record);
                            if (!force) {
                                concern(view, target);
                            }
                            return change(
                                            r ->
                                                    with(
                                                            r,
                                                            new Switchover(
                                                                    leader,
                                                                    target,
                                                                    Optional.of(by.words()))))
                                    .replaceWith("switchover from " + leader + " to " + target);
                        });
    }

    private static void refuseIfPaused(ClusterRecord record) {
        if (record.wishes().paused()) {
            throw new RefusedException(
                    "the cluster is paused; `kumki resume` first. Nothing was changed");
        }
    }

    private static void refuseStandstill(View view) {
        Standstill.of(view)
                .ifPresent(
                        why -> {
                            throw new RefusedException(why + ". Nothing was changed");
                        });
    }

    private static NodeId best(View view) {
        var objections = Candidacy.objections(view);
        return Candidacy.failoverTarget(view)
                .orElseThrow(
                        () ->
                                new RefusedException(
                                        "no node could take over: %s; nothing was changed"
                                                .formatted(
                                                        objections.isEmpty()
                                                                ? "no other standby is up"
                                                                : String.join("; ", objections))));
    }

    private void check(NodeId target, NodeId leader, ClusterRecord record) {
        refuseIfUnknown(target);
        if (target.equals(leader)) {
            throw new RefusedException(target + " leads already; nothing was changed");
        }
        Switching.obstacle(snapshot().view(), record, target)
                .ifPresent(
                        why -> {
                            throw new RefusedException(
                                    "no switchover to %s: %s; nothing was changed"
                                            .formatted(target, why));
                        });
    }

    /** A wish for a name that nobody has would stand in the register for ever. */
    private void refuseIfUnknown(NodeId node) {
        var known = new TreeSet<>(parts.others());
        known.add(snapshot().view().self());
        if (!known.contains(node)) {
            throw new RefusedException(
                    "no node is called %s, the nodes are %s; nothing was changed"
                            .formatted(node, known));
        }
    }

    private static void concern(View view, NodeId target) {
        Switching.concern(view, target)
                .ifPresent(
                        what -> {
                            throw new RefusedException(
                                    "no switchover to %s: %s; nothing was changed. --force overrides"
                                            .formatted(target, what));
                        });
    }

    @Override
    public Uni<String> abortSwitchover() {
        return Uni.createFrom()
                .deferred(
                        () -> {
                            var record = record();
                            var pending =
                                    record.wishes()
                                            .switchover()
                                            .orElseThrow(
                                                    () ->
                                                            new RefusedException(
                                                                    "no switchover is pending"));
                            if (!runs(pending.from())) {
                                throw new RefusedException(
                                        ("%s has been stopped already; the switchover to %s goes"
                                                        + " on, nothing was changed")
                                                .formatted(pending.from(), pending.to()));
                            }
                            return change(Operations::withoutSwitchover)
                                    .replaceWith(
                                            "aborted: %s goes on leading"
                                                    .formatted(pending.from()));
                        });
    }

    private static ClusterRecord withoutSwitchover(ClusterRecord from) {
        return from.with(
                new Wishes(from.wishes().paused(), Optional.empty(), from.wishes().forced()));
    }

    private boolean runs(NodeId node) {
        return snapshot().reports().stream()
                .filter(r -> r.node().equals(node))
                .anyMatch(r -> r.body().server() instanceof Primary);
    }

    private static ClusterRecord with(ClusterRecord from, Switchover switchover) {
        return from.with(
                new Wishes(
                        from.wishes().paused(), Optional.of(switchover), from.wishes().forced()));
    }

    /** Only the leader can judge who may follow it. */
    private Uni<String> forward(Lease lease, NodeId leader, Wanted wanted) {
        if (!(lease instanceof Lease.Theirs)) {
            throw new RefusedException("nobody leads now, so there is nothing to switch over");
        }
        return parts.peers()
                .operate(leader, "switchover", wanted.body(), wanted.by().caller())
                .onFailure()
                .transform(
                        failure ->
                                failure instanceof HttpPeers.Refused
                                        ? new RefusedException(failure.getMessage())
                                        : new NoMajorityException(
                                                Wanted.unanswered(leader, failure)));
    }

    @Override
    public Uni<String> failover(NodeId to) {
        return Uni.createFrom()
                .deferred(
                        () -> {
                            refuseIfUnknown(to);
                            refuseIfWitness(to);
                            var lease = snapshot().view().lease();
                            refuseStandstill(snapshot().view());
                            if (lease instanceof Lease.Mine || lease instanceof Lease.Theirs) {
                                throw new RefusedException(
                                        record().tenure().holder()
                                                + " leads; use `kumki switchover "
                                                + to
                                                + "`, nothing was changed");
                            }
                            return change(
                                            r ->
                                                    r.with(
                                                            new Wishes(
                                                                    r.wishes().paused(),
                                                                    Optional.empty(),
                                                                    Optional.of(to))))
                                    .replaceWith(to + " will lead, whatever it lacks is lost");
                        });
    }

    private void refuseIfWitness(NodeId node) {
        if (snapshot().reports().stream()
                .anyMatch(r -> r.node().equals(node) && r.body().witness())) {
            throw new RefusedException(
                    node + " is a witness: it has no server; nothing was changed");
        }
    }

    /**
     * Changes what the next renewal will count for, and no running lease: anybody may do it. That
     * somebody leads is asked so that the operator's words can be true.
     */
    @Override
    public Uni<String> configure(Optional<Long> ttl, Optional<Mode> mode) {
        return Uni.createFrom()
                .deferred(
                        () -> {
                            var now = snapshot();
                            var agreed = AgreementCheck.changeable(now, record());
                            ttl.ifPresent(millis -> AgreementCheck.fits(now, millis));
                            var next = AgreementCheck.changed(agreed, ttl, mode);
                            return next.equals(agreed)
                                    ? Uni.createFrom()
                                            .item("nothing to change: that is agreed on already")
                                    : change(r -> AgreementCheck.changed(r, ttl, mode))
                                            .replaceWith(AgreementCheck.told(now, next));
                        });
    }

    @Override
    public Uni<String> readmit() {
        return Uni.createFrom()
                .deferred(this::askOthers)
                .runSubscriptionOn(parts.loop())
                .chain(
                        result ->
                                switch (result) {
                                    case Readmission.Won won -> voteAgain(won);
                                    case Readmission.Refused refused -> refused(refused.reason());
                                });
    }

    /** Each attempt has a name of its own: its ballots must never be used twice. */
    private Uni<Readmission.Result> askOthers() {
        if (parts.voter().report().votes()) {
            return refused("this voter votes already");
        }
        var others = parts.others().stream().map(NodeId::name).collect(Collectors.toSet());
        var name = snapshot().view().self() + "/" + UUID.randomUUID();
        return parts.embedded().readmit(new Readmission(name, others, parts.issued().getAsLong()));
    }

    private Uni<String> voteAgain(Readmission.Won won) {
        return parts.voter()
                .readmitted(won.state())
                .map(
                        why ->
                                why.isEmpty()
                                        ? "re-admitted: this voter votes again"
                                        : "not re-admitted: " + why);
    }

    private static <T> Uni<T> refused(String why) {
        return Uni.createFrom().failure(new RefusedException(why + "; nothing was changed"));
    }

    private interface Change {
        ClusterRecord from(ClusterRecord now);
    }

    /**
     * A wish is not a renewal: the renewal id stays, so the lease grows no older and no younger.
     */
    private Uni<Void> change(Change change) {
        return Uni.createFrom()
                .deferred(() -> attempt(change, 1))
                .runSubscriptionOn(parts.loop())
                .invoke(parts.poke());
    }

    private Uni<Void> attempt(Change change, int tries) {
        var now = record();
        return attempt(new Wish(change, now.tenure().term()), now, tries);
    }

    /** A wish is for the leader of its moment: it is not carried over to the next one. */
    private record Wish(Change change, long term) {}

    private Uni<Void> attempt(Wish wish, ClusterRecord now, int tries) {
        if (now.tenure().term() != wish.term()) {
            return refused("the leader has changed in this moment");
        }
        return parts.register()
                .compareAndSet(
                        Optional.of(parts.codec().encode(now)),
                        parts.codec().encode(wish.change().from(now)))
                .chain(
                        outcome ->
                                switch (outcome) {
                                    case Outcome.Committed done -> Uni.createFrom().voidItem();
                                    case Outcome.Conflict conflict
                                            when tries < 10 && !conflict.current().isEmpty() ->
                                            attempt(
                                                    wish,
                                                    parts.codec().decode(conflict.current()),
                                                    tries + 1);
                                    case Outcome.Conflict conflict ->
                                            failed("the register changes too fast; try again");
                                    case Outcome.Undecided undecided -> failed(undecided.reason());
                                });
    }

    private static Uni<Void> failed(String why) {
        return Uni.createFrom().failure(new NoMajorityException(why));
    }

    private Snapshot snapshot() {
        return parts.board()
                .last()
                .orElseThrow(() -> new NoMajorityException("the agent has just started"));
    }

    private ClusterRecord record() {
        return snapshot()
                .view()
                .register()
                .orElseThrow(
                        () ->
                                new NoMajorityException(
                                        "the cluster has no record yet: "
                                                + snapshot().decision().because()));
    }
}
