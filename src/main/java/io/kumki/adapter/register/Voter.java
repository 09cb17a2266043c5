package io.kumki.adapter.register;

import io.kumki.agent.Report;
import io.kumki.agent.port.Clock;
import io.kumki.core.consensus.Acceptor;
import io.kumki.core.consensus.AcceptorState;
import io.kumki.core.consensus.Formation;
import io.kumki.core.consensus.Message;
import io.kumki.core.consensus.Reply;
import io.smallrye.mutiny.Uni;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * Our own acceptor behind a thread of its own, because each answer waits for the disk: a disk that
 * hangs must not stop the loop, which would only see a vote that does not come.
 */
public final class Voter {
    private static final Logger LOG = Logger.getLogger(Voter.class);
    private static final long SLOW_MILLIS = 500;

    /** A disk that hangs must not fill the memory with messages; a refused one gets no answer. */
    private static final int MOST_WAITING = 64;

    private final Acceptor acceptor;
    private final Clock clock;
    private final LongSupplier issued;
    private final ExecutorService thread =
            new ThreadPoolExecutor(
                    1,
                    1,
                    0,
                    TimeUnit.SECONDS,
                    new LinkedBlockingQueue<>(MOST_WAITING),
                    task -> {
                        var worker = new Thread(task, "kumki-voter");
                        worker.setDaemon(true);
                        return worker;
                    });
    private volatile Seen seen;
    private volatile String objection = "";

    /**
     * @param since uptime at which the renewal was first accepted; -1: there is none
     */
    private record Seen(Report.Voter state, long since) {}

    public Voter(Acceptor acceptor, LongSupplier issued, Clock clock) {
        this.acceptor = acceptor;
        this.clock = clock;
        this.issued = issued;
        this.seen = look();
    }

    /** Answers when the answer is on disk. */
    public Uni<Reply> handle(Message message) {
        if (!objection.isEmpty()) {
            return Uni.createFrom().item(new Reply.Abstained(objection));
        }
        return Uni.createFrom()
                .item(
                        () -> {
                            long began = clock.uptime();
                            var reply = acceptor.handle(message, began);
                            seen = look();
                            note(clock.uptime() - began);
                            return reply;
                        })
                .runSubscriptionOn(thread);
    }

    private static void note(long took) {
        if (took > SLOW_MILLIS) {
            LOG.warnf(
                    "vote took=%dms: the disk of `state-dir` is slow. A leader falls when a majority"
                            + " of the voters is slower than its lease",
                    took);
        }
    }

    /**
     * Votes no more, whatever its state, while there is an objection.
     *
     * @param why empty: there is none any more
     */
    public void object(String why) {
        objection = why;
    }

    /** Follows a verdict on a voter's first start. */
    public void follow(Formation.Verdict verdict) {
        thread.execute(
                () -> {
                    acceptor.follow(verdict);
                    seen = look();
                });
    }

    /** Takes the state that a re-admission won; says why it does not vote, or nothing. */
    public Uni<String> readmitted(AcceptorState won) {
        return Uni.createFrom()
                .item(
                        () -> {
                            acceptor.readmitted(won, clock.uptime());
                            seen = look();
                            return seen.state().reason();
                        })
                .runSubscriptionOn(thread);
    }

    /** The state after the last answer, with the age of its renewal now. Never waits. */
    public Report.Voter report() {
        var now = seen;
        var state = now.state();
        var why = objection;
        return new Report.Voter(
                state.standing(),
                state.votes() && why.isEmpty(),
                why.isEmpty() ? state.reason() : why,
                issued.getAsLong(),
                state.ballot(),
                state.value(),
                now.since() < 0 ? -1 : clock.uptime() - now.since());
    }

    private Seen look() {
        long now = clock.uptime();
        var age = acceptor.renewalAgeMillis(now);
        var status = acceptor.status();
        var state =
                new Report.Voter(
                        status.standing(),
                        acceptor.votes(),
                        status.reason(),
                        0,
                        acceptor.state().accepted(),
                        acceptor.state().value(),
                        0);
        return new Seen(state, age.isPresent() ? now - age.getAsLong() : -1);
    }
}
