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
import io.kumki.core.model.Tenure;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * Writes the register, one change at a time, and renews our lease while the policy wants it.
 *
 * <p>Each write by the holder is a renewal, under an id that is never used again. What counts is
 * this machine's clock from before the attempt, and the ttl that the renewal itself carries: others
 * go by it from the moment when they may see it. So a shorter one binds us before the attempt, and
 * a longer one counts once it is committed. Everything runs on the loop's thread.
 */
final class LeaseKeeper {
    private final NodeId self;
    private final String incarnation;
    private final LeaseRule own;
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

    /** The wake-up that counts: a change of the pace makes the earlier one void. */
    private long beats;

    private long pace;

    /** Our lease, and when the server is stopped and killed. Term 0: none. */
    private record Held(long term, long deadline, long kill) {
        static final Held NOTHING = new Held(0, 0, 0);

        Held until(LeaseRule rule, long t0) {
            return new Held(term, rule.deadline(t0), rule.kill(t0));
        }

        Held butNotAfter(Held other) {
            return new Held(term, Math.min(deadline, other.deadline), Math.min(kill, other.kill));
        }
    }

    /**
     * The loop's leave to renew, for one ttl from when it was given, so that a loop that hangs
     * keeps no lease.
     */
    private record Mandate(long given, Optional<Position> position, String systemId) {}

    /**
     * @param own by this node's configuration: counts where a renewal does not say
     */
    LeaseKeeper(
            NodeId self,
            String incarnation,
            LeaseRule own,
            Register register,
            RecordCodec codec,
            ServerControl control,
            Clock clock,
            Timer timer,
            Runnable poke) {
        this.self = self;
        this.incarnation = incarnation;
        this.own = own;
        this.register = register;
        this.codec = codec;
        this.control = control;
        this.clock = clock;
        this.timer = timer;
        this.poke = poke;
    }

    void start() {
        schedule();
    }

    private void schedule() {
        long mine = ++beats;
        pace = ttl().renewEvery();
        timer.after(
                Duration.ofMillis(pace),
                () -> {
                    if (mine == beats) {
                        beat();
                    }
                });
    }

    /** The shorter one, while a change of the ttl is not carried by a renewal yet. */
    private LeaseRule ttl() {
        var now = known().map(r -> ruleOf(r.tenure(), own)).orElse(own);
        var next = known().map(r -> new LeaseRule(r.nextTtl(now.ttlMillis()))).orElse(now);
        return next.ttlMillis() < now.ttlMillis() ? next : now;
    }

    /** How long that very renewal counts. */
    static LeaseRule ruleOf(Tenure tenure, LeaseRule own) {
        return tenure.ttl() == 0 ? own : new LeaseRule(tenure.ttl());
    }

    /** The newest value that was chosen. The pace of the renewals may be another from now on. */
    private void learn(String value) {
        known = value;
        if (ttl().renewEvery() != pace) {
            schedule();
        }
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
            learn(view.value());
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
        mandate = new Mandate(clock.uptime(), position, systemId);
        if (!writing && known().filter(LeaseKeeper::changes).isPresent()) {
            renew(1);
        }
    }

    /** Another ttl is agreed on than the newest renewal carries. */
    private static boolean changes(ClusterRecord record) {
        long ttl = record.tenure().ttl();
        return record.nextTtl(ttl) != ttl;
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
        bind(desired, began);
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

    /** Before anybody can see it. Should the runner not be reached, nothing is attempted. */
    private void bind(ClusterRecord desired, long began) {
        if (held.term() == 0) {
            return;
        }
        var bound = held.butNotAfter(held.until(ruleOf(desired.tenure(), own), began));
        if (!bound.equals(held)) {
            control.lease(bound.term(), bound.deadline(), bound.kill());
            held = bound;
        }
    }

    private void settle(Outcome outcome, ClusterRecord desired, long began, int tries) {
        switch (outcome) {
            case Outcome.Committed committed -> {
                learn(committed.value());
                knownSince = committed.ballot();
                committed(desired, began);
            }
            case Outcome.Conflict conflict -> {
                learn(conflict.current());
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
        held = new Held(now.tenure().term(), 0, 0).until(ruleOf(now.tenure(), own), began);
        control.lease(held.term(), held.deadline(), held.kill());
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
        schedule();
        boolean wanted = clock.uptime() < mandate.given() + ttl().ttlMillis();
        if (!writing && held.term() > 0 && wanted) {
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
