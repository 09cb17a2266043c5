package io.kumki.agent;

import io.kumki.agent.port.Register;
import io.kumki.agent.port.ServerControl;
import io.kumki.core.consensus.Ballot;
import io.kumki.core.consensus.LeaseRule;
import io.kumki.core.consensus.Outcome;
import io.kumki.core.model.Action.Order;
import io.kumki.core.model.Agreed;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.LocalServer.Remains;
import io.kumki.core.model.Lsn;
import io.kumki.core.model.Mode;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Position;
import io.kumki.core.model.Runner;
import io.kumki.core.model.Safety;
import io.kumki.core.model.Tenure;
import io.kumki.core.model.Wishes;
import io.kumki.wire.Json;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * A lease keeper on a bench: virtual time, a register that answers when the test lets it, and the
 * lease as the runner would read it.
 */
final class KeeperBench {
    static final NodeId ANNA = new NodeId("anna");
    static final NodeId BERT = new NodeId("bert");
    static final long START = 100_000;

    private final Json.Records codec = new Json.Records();
    private final PriorityQueue<Alarm> alarms = new PriorityQueue<>();
    private final Deque<Attempt> attempts = new ArrayDeque<>();
    private final List<String> ids = new ArrayList<>();
    private long now = START;
    private long alarmsSet;
    private long ballots = 1;
    private String value = "";
    private Granted granted = new Granted(0, 0, 0);
    private boolean folderGone;
    final LeaseKeeper keeper;

    /** What stands in the file `lease`. */
    record Granted(long term, long deadline, long kill) {}

    /**
     * A compare-and-set under way.
     *
     * @param granted what the runner was told when it began
     */
    record Attempt(
            Optional<String> expected,
            String next,
            Granted granted,
            UniEmitter<? super Outcome> answer) {}

    private record Alarm(long at, long number, Runnable task) implements Comparable<Alarm> {
        @Override
        public int compareTo(Alarm other) {
            return at == other.at ? Long.compare(number, other.number) : Long.compare(at, other.at);
        }
    }

    KeeperBench(long ownTtl) {
        keeper =
                new LeaseKeeper(
                        ANNA,
                        "i1",
                        new LeaseRule(ownTtl),
                        register(),
                        codec,
                        control(),
                        () -> now,
                        (delay, task) ->
                                alarms.add(new Alarm(now + delay.toMillis(), ++alarmsSet, task)),
                        () -> {});
        keeper.start();
    }

    private Register register() {
        return new Register() {
            @Override
            public Uni<Outcome> compareAndSet(Optional<String> expected, String next) {
                ids.add(codec.decode(next).tenure().renewal());
                return Uni.createFrom()
                        .emitter(e -> attempts.add(new Attempt(expected, next, granted, e)));
            }

            @Override
            public Uni<Outcome> read() {
                return Uni.createFrom().item(new Outcome.Committed(value, new Ballot(1, "x")));
            }
        };
    }

    private ServerControl control() {
        return new ServerControl() {
            @Override
            public State state() {
                var remains = new Remains("", 0, Lsn.ZERO, "");
                return new State("primary", Runner.UNHEARD, remains, new Given(0, ""));
            }

            @Override
            public void order(Order order, long term, String systemId) {}

            @Override
            public void lease(long term, long deadline, long kill) {
                if (folderGone) {
                    throw new UncheckedIOException(new FileSystemException("lease"));
                }
                granted = new Granted(term, deadline, kill);
            }
        };
    }

    static ClusterRecord record(NodeId holder, long term, String renewal, long ttl, long agreed) {
        return new ClusterRecord(
                "demo",
                "7351",
                new Tenure(term, holder, renewal, false, Optional.empty(), ttl),
                new Position(1, Lsn.ZERO),
                new Safety(Mode.SYNC, Set.of(holder)),
                Wishes.NONE,
                List.of(),
                Optional.of(new Agreed(agreed, Mode.SYNC, Set.of(ANNA, BERT))));
    }

    /** Anna has just got the lease of term 8, by an attempt that was answered at once. */
    static KeeperBench leading(long ttl) {
        var bench = new KeeperBench(ttl);
        bench.acquire(ttl);
        bench.commit();
        return bench;
    }

    /** Anna stands for election. */
    void acquire(long ttl) {
        value = codec.encode(record(BERT, 7, "bert/i1/9", ttl, ttl));
        keeper.saw(view(value));
        keeper.write(keeper.known(), id -> record(ANNA, 8, id, ttl, ttl));
    }

    /** What all reports show now. */
    RegisterView view(String shown) {
        return view(shown, ballots);
    }

    RegisterView view(String shown, long ballot) {
        return new RegisterView(
                true,
                "",
                shown,
                Optional.of(codec.decode(shown)),
                new Ballot(ballot, "x"),
                true,
                0);
    }

    /** Another agent changes the record; the renewal stays. */
    void changed(ClusterRecord next) {
        value = codec.encode(next);
        ballots++;
    }

    /** A tick in which the policy wants the lease. */
    void tick() {
        keeper.saw(view(value));
        keeper.keep(Optional.empty(), "");
    }

    void elapse(long millis) {
        long until = now + millis;
        while (!alarms.isEmpty() && alarms.peek().at() <= until) {
            var next = alarms.remove();
            now = Math.max(now, next.at());
            next.task().run();
        }
        now = until;
    }

    /** Time passes, each attempt is answered at once, and each tick wants the lease. */
    void reign(long millis) {
        for (long passed = 0; passed < millis; passed += 20) {
            elapse(20);
            if (passed % 500 == 0) {
                tick();
            }
            while (!attempts.isEmpty()) {
                answer();
            }
        }
    }

    /** As a register answers. */
    void answer() {
        var attempt = attempts.element();
        if (attempt.expected().equals(Optional.of(value))) {
            commit();
        } else {
            conflict();
        }
    }

    void commit() {
        var attempt = attempts.remove();
        value = attempt.next();
        attempt.answer().complete(new Outcome.Committed(value, new Ballot(++ballots, "anna")));
    }

    void conflict() {
        attempts.remove().answer().complete(new Outcome.Conflict(value));
    }

    void undecided() {
        attempts.remove().answer().complete(new Outcome.Undecided("no majority in time"));
    }

    void folderGone(boolean gone) {
        folderGone = gone;
    }

    long now() {
        return now;
    }

    Granted granted() {
        return granted;
    }

    Optional<Attempt> attempt() {
        return Optional.ofNullable(attempts.peek());
    }

    ClusterRecord next() {
        return codec.decode(attempts.element().next());
    }

    ClusterRecord value() {
        return codec.decode(value);
    }

    String text(ClusterRecord which) {
        return codec.encode(which);
    }

    List<String> ids() {
        return ids;
    }
}
