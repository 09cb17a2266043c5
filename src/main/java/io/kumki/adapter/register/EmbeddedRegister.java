package io.kumki.adapter.register;

import io.kumki.agent.port.Register;
import io.kumki.agent.port.Timer;
import io.kumki.agent.port.Voters;
import io.kumki.core.consensus.Outcome;
import io.kumki.core.consensus.Outgoing;
import io.kumki.core.consensus.Proposer;
import io.kumki.core.consensus.Readmission;
import io.kumki.core.consensus.Reply;
import io.kumki.core.consensus.Step;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The register kept by the agents themselves: drives a {@link Proposer} over the voters, one call
 * at a time, with a deadline for each and a random pause between two tries.
 *
 * <p>Everything happens on the loop's thread: subscribe there, and voters and timer must call back
 * there. No clock and no randomness but what is handed in, so a simulation replays it exactly.
 */
public final class EmbeddedRegister implements Register {

    private static final Duration DEADLINE = Duration.ofSeconds(1);
    private static final long SHORTEST_PAUSE_MILLIS = 5;
    private static final long FIRST_SPREAD_MILLIS = 20;
    private static final int MOST_DOUBLINGS = 3;

    private final Proposer proposer;
    private final Voters voters;
    private final Timer timer;
    private final RandomGenerator random;
    private final Duration deadline;
    private final Deque<Call> waiting = new ArrayDeque<>();
    private Optional<Call> running = Optional.empty();

    private static final class Call {
        private final Supplier<Step> begin;
        private final UniEmitter<? super Outcome> answer;
        private int tries;

        private Call(Supplier<Step> begin, UniEmitter<? super Outcome> answer) {
            this.begin = begin;
            this.answer = answer;
        }
    }

    /** With a deadline of one second for each call. */
    public EmbeddedRegister(Proposer proposer, Voters voters, Timer timer, RandomGenerator random) {
        this(proposer, voters, timer, random, DEADLINE);
    }

    /**
     * Takes over the proposer: nobody else may use it but for {@link Proposer#highestIssued()}.
     *
     * @param deadline of each call, counted from its subscription, time in the queue included
     */
    public EmbeddedRegister(
            Proposer proposer,
            Voters voters,
            Timer timer,
            RandomGenerator random,
            Duration deadline) {
        this.proposer = proposer;
        this.voters = voters;
        this.timer = timer;
        this.random = random;
        this.deadline = deadline;
    }

    @Override
    public Uni<Outcome> compareAndSet(Optional<String> expected, String next) {
        return call(() -> proposer.start(expected, next));
    }

    @Override
    public Uni<Outcome> read() {
        return call(proposer::read);
    }

    /**
     * Runs a re-admission to its end, within a call's deadline; for the voter's operator command.
     * The Uni never fails; hand {@link Readmission.Won} to the acceptor.
     */
    public Uni<Readmission.Result> readmit(Readmission readmission) {
        return Uni.createFrom()
                .emitter(
                        answer -> {
                            timer.after(
                                    deadline,
                                    () ->
                                            readmission
                                                    .giveUp("deadline")
                                                    .result()
                                                    .ifPresent(answer::complete));
                            carryOn(readmission, readmission.start(), answer);
                        });
    }

    private void carryOn(
            Readmission readmission,
            Readmission.Step step,
            UniEmitter<? super Readmission.Result> answer) {
        step.result().ifPresent(answer::complete);
        for (var outgoing : step.send()) {
            send(
                    outgoing,
                    (voter, reply) ->
                            carryOn(
                                    readmission,
                                    readmission.on(voter, outgoing.round(), reply),
                                    answer));
        }
    }

    private Uni<Outcome> call(Supplier<Step> begin) {
        return Uni.createFrom()
                .emitter(
                        answer -> {
                            var call = new Call(begin, answer);
                            waiting.add(call);
                            timer.after(deadline, () -> expire(call));
                            runNext();
                        });
    }

    private void runNext() {
        if (running.isEmpty() && !waiting.isEmpty()) {
            var call = waiting.remove();
            running = Optional.of(call);
            carryOut(call, call.begin.get());
        }
    }

    private void expire(Call call) {
        if (isRunning(call)) {
            carryOut(call, proposer.giveUp("no majority within " + deadline));
        } else if (waiting.remove(call)) {
            call.answer.complete(
                    new Outcome.Undecided("not begun within " + deadline + ", so not done"));
        }
    }

    private void carryOut(Call call, Step step) {
        for (var outgoing : step.send()) {
            send(
                    outgoing,
                    (voter, reply) -> {
                        if (isRunning(call)) {
                            carryOut(call, proposer.on(voter, outgoing.round(), reply));
                        } else {
                            // A late refusal still tells the proposer of a higher ballot.
                            proposer.on(voter, outgoing.round(), reply);
                        }
                    });
        }
        step.outcome().ifPresent(outcome -> conclude(call, outcome));
    }

    private void conclude(Call call, Outcome outcome) {
        if (outcome instanceof Outcome.Undecided && proposer.canRetry()) {
            timer.after(pause(call.tries++), () -> retry(call));
            return;
        }
        running = Optional.empty();
        call.answer.complete(outcome);
        runNext();
    }

    private void retry(Call call) {
        if (isRunning(call)) {
            carryOut(call, proposer.retry());
        }
    }

    /** A voter that can't be reached counts as one that abstains, so that a try ends early. */
    private void send(Outgoing outgoing, BiConsumer<String, Reply> onReply) {
        voters.send(outgoing.to(), outgoing.message())
                .onFailure()
                .recoverWithItem(failure -> new Reply.Abstained("no answer: " + failure))
                .subscribe()
                .with(reply -> onReply.accept(outgoing.to(), reply));
    }

    private Duration pause(int tries) {
        long spread = FIRST_SPREAD_MILLIS << Math.min(tries, MOST_DOUBLINGS);
        return Duration.ofMillis(SHORTEST_PAUSE_MILLIS + random.nextLong(spread));
    }

    private boolean isRunning(Call call) {
        return running.filter(current -> current == call).isPresent();
    }
}
