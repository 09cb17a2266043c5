package io.kumki.core.consensus;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Brings back a voter that lost its state; run at that voter, by the operator's command.
 *
 * <p><b>Why it is safe.</b> The voter has forgotten what it accepted and what it promised.
 *
 * <ul>
 *   <li>A value that was chosen was accepted by a majority, so by one of the majority that promises
 *       here; the highest one among them is written to all of them before this voter counts again.
 *   <li>A forgotten promise M can hurt only if the proposer of M can still finish its first phase
 *       with it, or has: then a ballot below M that this voter accepts now is one that M does not
 *       know of. So the ballot R of the re-admission must be above every such M. A proposer that is
 *       alive tells us the highest counter it ever issued: its process refuses R otherwise. A
 *       proposer that is dead can't go on, and what it may have sent (an accept) came after a
 *       complete first phase: one of the majority that promises here promised M durably, and
 *       refuses R otherwise.
 *   <li>All ballots below R are refused from now on by a majority; all above R were issued after
 *       this voter lost its state, so it has forgotten nothing about them.
 * </ul>
 *
 * <p>Therefore <b>all</b> other voters' processes must answer. A majority (of all voters) must
 * promise and accept; of the rest, a voter that has lost its own state may abstain, else two that
 * lost theirs at once, out of five, could never come back.
 */
public final class Readmission {

    private static final int ATTEMPTS = 20;

    private enum Phase {
        ASKING,
        WRITING,
        ENDED
    }

    /** How it ended. */
    public sealed interface Result {}

    /** Hand this state to {@link Acceptor#readmitted}. */
    public record Won(AcceptorState state) implements Result {}

    /** Nothing was changed at this voter. */
    public record Refused(String reason) implements Result {}

    /**
     * What to do after one input.
     *
     * @param result present at the end
     */
    public record Step(List<Outgoing> send, Optional<Result> result) {
        static final Step NOTHING = new Step(List.of(), Optional.empty());
    }

    private final String proposer;
    private final Set<String> others;
    private final int quorum;
    private final Map<String, Reply> answers = new HashMap<>();
    private Phase phase = Phase.ASKING;
    private Set<String> asked = Set.of();
    private long highest;
    private long round;
    private int attempts;
    private Ballot ballot = Ballot.ZERO;
    private Reply.Promised newest = new Reply.Promised(Ballot.ZERO, "");

    /**
     * Prepares one re-admission.
     *
     * @param proposer names the ballots: node + "/" + random text made for this very object
     * @param others all other voters
     * @param highestKnown highest counter known, at least the own {@link Proposer#highestIssued()}
     */
    public Readmission(String proposer, Set<String> others, long highestKnown) {
        this.proposer = proposer;
        this.others = Set.copyOf(others);
        this.quorum = (others.size() + 1) / 2 + 1;
        this.highest = highestKnown;
    }

    /** Asks all others. */
    public Step start() {
        if (others.size() < quorum) {
            return end(new Refused("%d other voters are too few".formatted(others.size())));
        }
        if (++attempts > ATTEMPTS) {
            return end(new Refused("outrun " + ATTEMPTS + " times by other ballots"));
        }
        phase = Phase.ASKING;
        ballot = new Ballot(++highest, proposer);
        return broadcast(others, new Message.Readmit(ballot));
    }

    /** Takes one answer; late, doubled and unknown ones are ignored. */
    public Step on(String voter, long answeredRound, Reply reply) {
        if (phase == Phase.ENDED
                || answeredRound != round
                || !asked.contains(voter)
                || answers.putIfAbsent(voter, reply) != null) {
            return Step.NOTHING;
        }
        if (reply instanceof Reply.Rejected rejected) {
            highest = Math.max(highest, rejected.highest().counter());
            return start();
        }
        if (answers.size() < asked.size()) {
            return Step.NOTHING;
        }
        return phase == Phase.ASKING ? write() : conclude();
    }

    /** Ends it, for one who does not answer must not be left out. */
    public Step giveUp(String reason) {
        var silent = new TreeSet<>(asked);
        silent.removeAll(answers.keySet());
        return end(new Refused(reason + "; no answer from " + silent));
    }

    private Step write() {
        var promised = new TreeSet<String>();
        newest = new Reply.Promised(Ballot.ZERO, "");
        answers.forEach(
                (voter, reply) -> {
                    if (reply instanceof Reply.Promised promise) {
                        promised.add(voter);
                        newest = newest.accepted().isBelow(promise.accepted()) ? promise : newest;
                    }
                });
        if (promised.size() < quorum) {
            return end(new Refused("no majority can vouch for this voter: " + answers));
        }
        phase = Phase.WRITING;
        return broadcast(promised, new Message.Accept(ballot, newest.value(), ballot));
    }

    private Step conclude() {
        for (var reply : answers.values()) {
            if (!(reply instanceof Reply.Accepted)) {
                return end(new Refused("not all could accept: " + answers));
            }
        }
        return end(new Won(new AcceptorState(ballot, ballot, newest.value())));
    }

    private Step end(Result result) {
        phase = Phase.ENDED;
        return new Step(List.of(), Optional.of(result));
    }

    private Step broadcast(Set<String> to, Message message) {
        round++;
        answers.clear();
        asked = Set.copyOf(to);
        var messages = new ArrayList<Outgoing>();
        for (var voter : new TreeSet<>(to)) {
            messages.add(new Outgoing(voter, round, message));
        }
        return new Step(messages, Optional.empty());
    }
}
