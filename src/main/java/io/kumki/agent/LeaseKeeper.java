package io.kumki.agent;

import io.kumki.agent.port.Clock;
import io.kumki.agent.port.RecordCodec;
import io.kumki.agent.port.Register;
import io.kumki.agent.port.ServerControl;
import io.kumki.agent.port.Timer;
import io.kumki.core.consensus.Ballot;
import io.kumki.core.consensus.LeaseRule;
import io.kumki.core.consensus.Outcome;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Position;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * Writes the register, one change at a time, and renews our lease while the policy wants it.
 *
 * <p>Each write by the holder is a renewal, under an id that is never used again. What counts is
 * this machine's clock from before the attempt. Everything runs on the loop's thread.
 */
final class LeaseKeeper {
    private final NodeId self;
    private final String incarnation;
    private final LeaseRule rule;
    private final Register register;
    private final RecordCodec codec;
    private final ServerControl control;
    private final Clock clock;
    private final Timer timer;
    private final Runnable poke;

    private long attempts;
    private boolean stopped;
    private boolean writing;

    /**
     * The last write was committed, or is known not to happen: either proves the same of all before
     * it, because what they expected is gone.
     */
    private boolean settled = true;

    private Held held = Held.NOTHING;
    private long election;
    private long acquired;

    /** The newest value that is known to have been chosen. */
    private String known = "";

    /** Words may be old: what was chosen under a lower ballot is not news. */
    private Ballot knownSince = Ballot.ZERO;

    private Mandate mandate = new Mandate(Long.MIN_VALUE, Optional.empty(), "");

    /** Our lease. Term 0: none. */
    private record Held(long term, long deadline) {
        static final Held NOTHING = new Held(0, 0);
    }

    /** The loop's leave to renew. It ends by itself, so that a loop that hangs keeps no lease. */
    private record Mandate(long until, Optional<Position> position, String systemId) {}

    LeaseKeeper(
            NodeId self,
            String incarnation,
            LeaseRule rule,
            Register register,
            RecordCodec codec,
            ServerControl control,
            Clock clock,
            Timer timer,
            Runnable poke) {
        this.self = self;
        this.incarnation = incarnation;
        this.rule = rule;
        this.register = register;
        this.codec = codec;
        this.control = control;
        this.clock = clock;
        this.timer = timer;
        this.poke = poke;
    }

    void start() {
        timer.after(Duration.ofMillis(rule.renewEvery()), this::beat);
    }

    RegisterView.Held held() {
        return new RegisterView.Held(
                held.term(), held.deadline() - clock.uptime(), settled && !writing);
    }

    /**
     * What the reports showed. A higher term than ours ends our lease at once, and so does our own
     * release, though we may not have heard that it was committed.
     */
    void saw(RegisterView view) {
        view.newest()
                .ifPresent(
                        r -> {
                            var tenure = r.tenure();
                            boolean over = tenure.term() == held.term() && tenure.released();
                            if (tenure.term() > held.term() || over) {
                                end();
                            }
                        });
        if (!writing && view.settled() && !view.ballot().isBelow(knownSince)) {
            known = view.value();
            knownSince = view.ballot();
        }
    }

    /**
     * The loop lives and wants the lease.
     *
     * @param position of our primary, if it answers
     * @param systemId of our server; empty if unknown
     */
    void keep(Optional<Position> position, String systemId) {
        mandate = new Mandate(clock.uptime() + rule.ttlMillis(), position, systemId);
    }

    /** No renewal until it is wanted again; what is left of the lease runs out. */
    void lapse() {
        mandate = new Mandate(Long.MIN_VALUE, Optional.empty(), "");
    }

    /** Milliseconds from standing for election to the lease, the last time. */
    long election() {
        return election;
    }

    /** Milliseconds since we got the lease. */
    long reign() {
        return clock.uptime() - acquired;
    }

    /** The newest record that was chosen for certain; empty if none or a blank one. */
    Optional<ClusterRecord> known() {
        return known.isEmpty() ? Optional.empty() : Optional.of(codec.decode(known));
    }

    /** Gives our lease up in this process and in the runner, without asking anybody. */
    void end() {
        var over = held;
        held = Held.NOTHING;
        if (over.term() > 0) {
            control.lease(over.term(), 0, 0);
        }
    }

    /**
     * Changes the record that was last seen. If it has changed since, nothing happens, and the next
     * tick sees why.
     *
     * @param next from the record seen (empty: blank) and a fresh renewal id to the new record
     */
    void write(Optional<ClusterRecord> seen, Function<String, ClusterRecord> next) {
        if (writing) {
            return;
        }
        attempt(seen.map(codec::encode), next, 1);
    }

    private void attempt(
            Optional<String> expected, Function<String, ClusterRecord> next, int tries) {
        var id = "%s/%s/%d".formatted(self, incarnation, ++attempts);
        var desired = next.apply(id);
        var value = codec.encode(desired);
        long began = clock.uptime();
        writing = true;
        Uni.createFrom()
                .deferred(() -> register.compareAndSet(expected, value))
                .subscribe()
                .with(
                        outcome -> {
                            writing = false;
                            settled = !(outcome instanceof Outcome.Undecided);
                            settle(outcome, desired, began, tries);
                        },
                        failure -> {
                            writing = false;
                            settled = false;
                        });
    }

    private void settle(Outcome outcome, ClusterRecord desired, long began, int tries) {
        switch (outcome) {
            case Outcome.Committed committed -> {
                known = committed.value();
                knownSince = committed.ballot();
                committed(desired, began);
            }
            case Outcome.Conflict conflict -> {
                known = conflict.current();
                endIfOver();
                retry(desired, tries);
            }
            case Outcome.Undecided undecided -> retry(desired, tries);
        }
        poke.run();
    }

    private void endIfOver() {
        known().map(ClusterRecord::tenure)
                .filter(t -> t.term() != held.term() || t.released() || !t.holder().equals(self))
                .ifPresent(t -> end());
    }

    private void committed(ClusterRecord now, long began) {
        if (!now.heldBy(self)) {
            return;
        }
        if (now.tenure().released()) {
            end();
            return;
        }
        if (now.tenure().term() != held.term()) {
            election = clock.uptime() - began;
            acquired = clock.uptime();
        }
        held = new Held(now.tenure().term(), rule.deadline(began));
        control.lease(held.term(), held.deadline(), rule.kill(began));
    }

    /**
     * Somebody's wish, or our own undecided attempt, came between: a renewal goes on from there.
     */
    private void retry(ClusterRecord desired, int tries) {
        boolean renewal = held.term() > 0 && desired.tenure().term() == held.term();
        if (renewal && !desired.tenure().released() && tries < 3) {
            renew(tries + 1);
        }
    }

    /** No further renewal. */
    void stop() {
        stopped = true;
    }

    private void beat() {
        if (stopped) {
            return;
        }
        timer.after(Duration.ofMillis(rule.renewEvery()), this::beat);
        if (!writing && held.term() > 0 && clock.uptime() < mandate.until()) {
            renew(1);
        }
    }

    private void renew(int tries) {
        if (known.isEmpty()) {
            return;
        }
        endIfOver();
        if (held.term() == 0) {
            return;
        }
        var base = codec.decode(known);
        var wanted = mandate;
        attempt(
                Optional.of(known),
                id -> {
                    var renewed = base.renewed(id);
                    if (base.systemId().isEmpty()) {
                        renewed = renewed.withSystemId(wanted.systemId());
                    }
                    return wanted.position().map(renewed::with).orElse(renewed);
                },
                tries);
    }
}
