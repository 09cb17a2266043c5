package io.kumki.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.agent.port.Catalog;
import io.kumki.agent.port.PeerBoard;
import io.kumki.agent.port.Register;
import io.kumki.agent.port.ServerControl;
import io.kumki.core.consensus.Ballot;
import io.kumki.core.consensus.Outcome;
import io.kumki.core.consensus.Standing;
import io.kumki.core.model.Action;
import io.kumki.core.model.Action.Order;
import io.kumki.core.model.HostPort;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.LocalServer.Remains;
import io.kumki.core.model.Lsn;
import io.kumki.core.model.Mode;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Peer;
import io.kumki.core.model.Runner;
import io.kumki.core.model.Settings;
import io.kumki.core.routing.ReplicaFitness;
import io.kumki.wire.Json;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A loop whose server's answers come when the test lets them. */
class HaLoopTest {
    private static final NodeId ANNA = new NodeId("anna");

    private record Alarm(long at, long number, Runnable task) implements Comparable<Alarm> {
        @Override
        public int compareTo(Alarm other) {
            return at == other.at ? Long.compare(number, other.number) : Long.compare(at, other.at);
        }
    }

    private final PriorityQueue<Alarm> alarms = new PriorityQueue<>();
    private final Deque<Consumer<LocalServer>> polls = new ArrayDeque<>();
    private final List<Snapshot> published = new ArrayList<>();
    private final List<Throwable> troubles = new ArrayList<>();
    private long now = 100_000;
    private long alarmsSet;
    private final HaLoop loop = new HaLoop(identity(), ports());

    private static HaLoop.Identity identity() {
        var settings =
                new Settings(
                        ANNA,
                        "demo",
                        false,
                        Mode.SYNC,
                        0,
                        0,
                        Settings.OnCrash.FAILOVER,
                        false,
                        new Peer.Standing(100, false),
                        new Settings.Timing(3000, 2000, 2000, 1000, 1000, 30_000, 5000));
        return new HaLoop.Identity(
                settings,
                new TreeSet<>(Set.of(ANNA)),
                new HostPort("anna", 5432),
                "i1",
                new ReplicaFitness.Limits(1, Duration.ofSeconds(1), Duration.ofSeconds(1)),
                500,
                1300);
    }

    private HaLoop.Ports ports() {
        return new HaLoop.Ports(
                () -> now,
                (delay, task) -> alarms.add(new Alarm(now + delay.toMillis(), ++alarmsSet, task)),
                () -> now,
                catalog(),
                control(),
                mine -> Uni.createFrom().item(List.<PeerBoard.Heard>of()),
                register(),
                () -> new Report.Voter(Standing.VOTING, true, "", 1, Ballot.ZERO, "", -1),
                Optional::empty,
                new Json.Records(),
                published::add,
                troubles::add);
    }

    private Catalog catalog() {
        return new Catalog() {
            @Override
            public Uni<LocalServer> poll() {
                return Uni.createFrom().emitter(e -> polls.add(e::complete));
            }

            @Override
            public Uni<Void> checkpoint() {
                return Uni.createFrom().voidItem();
            }

            @Override
            public Uni<Void> manage(Action.Slots slots) {
                return Uni.createFrom().voidItem();
            }
        };
    }

    private static ServerControl control() {
        return new ServerControl() {
            @Override
            public State state() {
                var remains = new Remains("", 0, Lsn.ZERO, "");
                return new State("primary", Runner.UNHEARD, remains, new Given(0, ""));
            }

            @Override
            public void order(Order order, long term, String systemId) {}

            @Override
            public void lease(long term, long deadline, long kill) {}
        };
    }

    private static Register register() {
        return new Register() {
            @Override
            public Uni<Outcome> compareAndSet(Optional<String> expected, String next) {
                return Uni.createFrom().item(new Outcome.Undecided("nobody is asked here"));
            }

            @Override
            public Uni<Outcome> read() {
                return Uni.createFrom().item(new Outcome.Undecided("nobody is asked here"));
            }
        };
    }

    private void elapse(long millis) {
        long until = now + millis;
        while (!alarms.isEmpty() && alarms.peek().at() <= until) {
            var next = alarms.remove();
            now = Math.max(now, next.at());
            next.task().run();
        }
        now = until;
    }

    private void answer() {
        polls.remove().accept(new LocalServer.Unreachable("no answer in time", 0, false));
    }

    @Test
    void aTickThatWasGivenUpDoesNotActOnWhatItSawSoLongAgo() {
        loop.start();
        elapse(5_000);
        assertThat(troubles).as("the first tick was given up").hasSize(1);
        elapse(100);
        assertThat(polls).as("the second one has begun").hasSize(2);

        answer();
        assertThat(published).as("the first one's answer comes too late").isEmpty();
        answer();
        assertThat(published).as("the second one's is in time").hasSize(1);
    }

    @Test
    void aTickThatIsAnsweredIsFollowedByTheNext() {
        loop.start();
        answer();
        elapse(600);

        assertThat(published).hasSize(1);
        assertThat(polls).hasSize(1);
        assertThat(troubles).isEmpty();
    }

    @Test
    void afterTheStopNothingBegins() {
        loop.start();
        answer();
        loop.stop();
        elapse(10_000);

        assertThat(polls).isEmpty();
        assertThat(published).hasSize(1);
    }
}
