package io.kumki.core.consensus;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Changes and reads the register through a majority of voters, one change at a time.
 *
 * <p>Two round trips, or one if the last change went through undisturbed: its accept carried the
 * promise for the next ballot. The caller sends what a {@link Step} says, hands the answers to
 * {@link #on}, sets the deadline ({@link #giveUp}) and decides on {@link #retry}.
 *
 * <p>Every value must be new: one that was in the register before must never be written again.
 */
public final class Proposer {

    private static final long STRIDE = 3;

    private enum Phase {
        IDLE,
        PREPARING,
        ACCEPTING
    }

    private sealed interface Wish {}

    private record Swap(Optional<String> expected, String next) implements Wish {
        boolean appliesTo(String current) {
            return expected.map(current::equals).orElse(current.isEmpty());
        }
    }

    private record Read() implements Wish {}

    /** A ballot that a majority has promised, and the register as of that promise. */
    private record Ready(Ballot ballot, String value) {}

    private final String identity;
    private final Set<String> voters;
    private final int quorum;
    private final Map<String, Reply> answers = new HashMap<>();
    private Phase phase = Phase.IDLE;
    private Wish wish = new Read();
    private boolean sentNext;
    private boolean canRetry;
    private long tries;
    private long round;
    private volatile long issued;
    private long seen;
    private Ballot ballot = Ballot.ZERO;
    private Optional<Ready> ready = Optional.empty();
    private Message.Accept accept;
    private Outcome onceAccepted;

    /**
     * Makes a proposer that knows nothing yet.
     *
     * @param incarnation random for each process, so that no ballot is ever used twice
     * @param voters names of all voters, the own node's too
     */
    public Proposer(String node, String incarnation, Set<String> voters) {
        this.identity = node + "/" + incarnation;
        this.voters = Set.copyOf(voters);
        this.quorum = voters.size() / 2 + 1;
    }

    /**
     * Begins a compare-and-set.
     *
     * @param expected the register's exact value; empty: it must be blank
     * @param next the new value, never used before; not empty
     * @throws IllegalStateException while another change is in progress
     */
    public Step start(Optional<String> expected, String next) {
        if (next.isEmpty()) {
            throw new IllegalArgumentException("the register can't be made blank again");
        }
        return begin(new Swap(expected, next));
    }

    /** Begins a linearizable read: it ends as {@link Outcome.Committed} with the value found. */
    public Step read() {
        return begin(new Read());
    }

    /** Tries the same change again with a higher ballot. Only if {@link #canRetry()}. */
    public Step retry() {
        if (!canRetry) {
            throw new IllegalStateException("nothing to try again");
        }
        return prepare();
    }

    /** True if the last change ended undecided only because other ballots were higher. */
    public boolean canRetry() {
        return canRetry;
    }

    /** Takes one answer. Late, doubled and unknown ones are ignored. */
    public Step on(String voter, long answeredRound, Reply reply) {
        if (answeredRound != round || !voters.contains(voter)) {
            return Step.NOTHING;
        }
        if (reply instanceof Reply.Rejected rejected) {
            seen = Math.max(seen, rejected.highest().counter());
            ready = Optional.empty();
        }
        if (phase == Phase.IDLE || answers.putIfAbsent(voter, reply) != null) {
            return Step.NOTHING;
        }
        return phase == Phase.PREPARING ? whilePreparing() : whileAccepting();
    }

    /** Ends the change in progress: whether it happened is not known. */
    public Step giveUp(String reason) {
        round++;
        return fail(reason, false);
    }

    /** The highest counter of any ballot that this proposer ever named to a voter; 0 if none. */
    public long highestIssued() {
        return issued;
    }

    private Step begin(Wish wanted) {
        if (phase != Phase.IDLE) {
            throw new IllegalStateException("a change is in progress");
        }
        wish = wanted;
        sentNext = false;
        canRetry = false;
        tries = 0;
        if (ready.isEmpty()) {
            return prepare();
        }
        ballot = ready.get().ballot();
        return propose(decide(ready.get().value()));
    }

    private Step prepare() {
        phase = Phase.PREPARING;
        canRetry = false;
        ready = Optional.empty();
        // Further ahead with every try: others move on by one with each change of theirs, so a
        // step of one would be outrun for ever by whoever pauses less.
        ballot = new Ballot(Math.max(seen, issued) + 1 + tries * STRIDE, identity);
        tries++;
        issued = ballot.counter();
        return broadcast(new Message.Prepare(ballot));
    }

    private Step whilePreparing() {
        var promises = new ArrayList<Reply.Promised>();
        for (var reply : answers.values()) {
            if (reply instanceof Reply.Promised promised) {
                promises.add(promised);
            }
        }
        if (promises.size() < quorum) {
            return failIfHopeless(promises.size());
        }
        var highest = promises.get(0);
        boolean settled = true;
        for (var promise : promises) {
            settled &= promise.accepted().equals(promises.get(0).accepted());
            highest = highest.accepted().isBelow(promise.accepted()) ? promise : highest;
        }
        var plan = decide(highest.value());
        // A majority that accepted the same ballot has chosen it: nothing to write back.
        return settled && plan.value().equals(highest.value())
                ? finish(plan.outcome(highest.accepted()), new Ready(ballot, highest.value()))
                : propose(plan);
    }

    /** What to write, and what it means once a majority has it. */
    private record Plan(String value, Optional<Outcome> verdict) {
        Outcome outcome(Ballot under) {
            return verdict.orElseGet(() -> new Outcome.Committed(value, under));
        }
    }

    private Plan decide(String current) {
        if (!(wish instanceof Swap swap)) {
            return new Plan(current, Optional.empty());
        }
        if (swap.appliesTo(current) || sentNext && swap.next().equals(current)) {
            return new Plan(swap.next(), Optional.empty());
        }
        return new Plan(
                current,
                Optional.of(
                        sentNext
                                ? new Outcome.Undecided("overtaken by a later change")
                                : new Outcome.Conflict(current)));
    }

    private Step propose(Plan plan) {
        phase = Phase.ACCEPTING;
        ready = Optional.empty();
        sentNext |= wish instanceof Swap swap && swap.next().equals(plan.value());
        accept =
                new Message.Accept(
                        ballot, plan.value(), new Ballot(ballot.counter() + 1, identity));
        issued = Math.max(issued, accept.next().counter());
        onceAccepted = plan.outcome(ballot);
        return broadcast(accept);
    }

    private Step whileAccepting() {
        int accepted = 0;
        boolean undisturbed = true;
        for (var reply : answers.values()) {
            accepted += reply instanceof Reply.Accepted ? 1 : 0;
            undisturbed &= !(reply instanceof Reply.Rejected);
        }
        if (accepted < quorum) {
            return failIfHopeless(accepted);
        }
        var step = finish(onceAccepted, new Ready(accept.next(), accept.value()));
        ready = undisturbed ? ready : Optional.empty();
        return step;
    }

    private Step finish(Outcome outcome, Ready promised) {
        phase = Phase.IDLE;
        ready = Optional.of(promised);
        return Step.ending(outcome);
    }

    private Step failIfHopeless(int agreed) {
        return answers.size() - agreed > voters.size() - quorum
                ? fail("no majority for ballot " + ballot + ": " + answers, true)
                : Step.NOTHING;
    }

    /** After an undecided change nothing remembered is trusted: the next one prepares anew. */
    private Step fail(String reason, boolean again) {
        phase = Phase.IDLE;
        ready = Optional.empty();
        canRetry = again;
        return Step.ending(new Outcome.Undecided(reason));
    }

    private Step broadcast(Message message) {
        round++;
        answers.clear();
        List<Outgoing> messages = new ArrayList<>();
        for (var voter : voters.stream().sorted().toList()) {
            messages.add(new Outgoing(voter, round, message));
        }
        return Step.sending(messages);
    }
}
