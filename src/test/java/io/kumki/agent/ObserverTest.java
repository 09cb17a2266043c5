package io.kumki.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.agent.port.ServerControl.Given;
import io.kumki.agent.port.ServerControl.State;
import io.kumki.core.model.Archiving;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.LocalServer.Remains;
import io.kumki.core.model.LocalServer.Replica;
import io.kumki.core.model.LocalServer.Starting;
import io.kumki.core.model.LocalServer.Stopped;
import io.kumki.core.model.LocalServer.Stopping;
import io.kumki.core.model.LocalServer.Synchronous;
import io.kumki.core.model.LocalServer.Unreachable;
import io.kumki.core.model.LocalServer.Walsender;
import io.kumki.core.model.Lsn;
import io.kumki.core.model.Position;
import io.kumki.core.model.Replay;
import io.kumki.core.model.Runner;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ObserverTest {
    private static final Remains REMAINS = new Remains("7351", 1, Lsn.ZERO, "shut down");
    private static final Unreachable SILENT = new Unreachable("timeout", 0, false);

    private final Observer observer = new Observer(1000);

    private LocalServer observe(String runnerSays, LocalServer reading, long now) {
        var state = new State(runnerSays, Runner.UNHEARD, REMAINS, new Given(0, ""));
        return observer.observe(state, reading, now);
    }

    private static Replica replica(int timeline, long lsn) {
        var position = new Position(timeline, new Lsn(lsn));
        return new Replica(
                "7351",
                position,
                position.lsn(),
                Optional.empty(),
                0,
                0,
                List.of(),
                0,
                Archiving.OFF);
    }

    private static Primary primary(long lsn, long flushed) {
        return new Primary(
                "7351",
                new Position(1, new Lsn(lsn)),
                1,
                0,
                "monday",
                new Synchronous("\"bert\"", 2),
                List.of(new Walsender("bert", "streaming", "sync", new Lsn(flushed), 0)),
                List.of(),
                LocalServer.Activity.NONE,
                0,
                Archiving.OFF);
    }

    private long stuck(long lsn, long flushed, long now) {
        var seen = (Primary) observe("primary", primary(lsn, flushed), now);
        return seen.walsenders().get(0).stuck();
    }

    @Test
    void theRunnerIsBelievedWhereNoServerLives() {
        assertThat(observe("empty", primary(1, 1), 1000)).isEqualTo(new LocalServer.Empty());
        assertThat(observe("stopped", primary(1, 1), 1000)).isEqualTo(new Stopped(false, REMAINS));
        assertThat(observe("crashed", primary(1, 1), 1000)).isEqualTo(new Stopped(true, REMAINS));
    }

    @Test
    void aStartAndAStopAreTimedFromTheirBeginning() {
        assertThat(observe("starting", SILENT, 2000)).isEqualTo(new Starting(0));
        assertThat(observe("starting", SILENT, 2700)).isEqualTo(new Starting(700));
        assertThat(observe("stopping", primary(1, 1), 3000)).isEqualTo(new Stopping(0));
        assertThat(observe("stopping", SILENT, 3400)).isEqualTo(new Stopping(400));
    }

    @Test
    void aStartHasEndedWhenTheServerAnswers() {
        assertThat(observe("starting", replica(1, 5), 2000)).isInstanceOf(Replica.class);
    }

    @Test
    void silenceIsTimedFromTheLastAnswer() {
        observe("primary", primary(1, 1), 2000);

        assertThat(observe("primary", SILENT, 2600))
                .isEqualTo(new Unreachable("timeout", 600, false));
        assertThat(observe("primary", new Unreachable("too many clients", 0, true), 2700))
                .isEqualTo(new Unreachable("too many clients", 700, true));
        observe("primary", primary(1, 1), 3000);
        assertThat(((Unreachable) observe("primary", SILENT, 3100)).since()).isEqualTo(100);
    }

    @Test
    void whoIsRefusedByAPrimaryKnowsItFromTheRunner() {
        var refused = new Unreachable("too many clients", 0, true, true);

        assertThat(((Unreachable) observe("primary", refused, 2000)).primary()).isTrue();
        assertThat(((Unreachable) observe("standby", refused, 2500)).primary()).isFalse();
        assertThat(((Unreachable) observe("primary", SILENT, 3000)).primary()).isFalse();
    }

    @Test
    void aServerThatSaysItRecoversIsTimedFromItsFirstWord() {
        var recovers = new Starting(0, true);
        observe("primary", primary(1, 1), 2000);

        assertThat(observe("primary", recovers, 3000)).isEqualTo(new Starting(0, true));
        assertThat(observe("primary", recovers, 9000)).isEqualTo(new Starting(6000, true));
        observe("primary", primary(1, 1), 9500);
        assertThat(observe("primary", recovers, 9900)).isEqualTo(new Starting(0, true));
        assertThat(observe("starting", recovers, 9950)).isEqualTo(new Starting(0));
    }

    @Test
    void silenceOfAServerThatHasJustStartedIsNotThatOfTheOneBefore() {
        observe("primary", primary(1, 1), 2000);
        observe("crashed", SILENT, 9000);

        assertThat(((Unreachable) observe("primary", SILENT, 9500)).since()).isZero();
    }

    @Test
    void aStandbyIsStillSinceItsWalLastMoved() {
        observe("standby", replica(1, 5), 2000);

        assertThat(((Replica) observe("standby", replica(1, 5), 2600)).still()).isEqualTo(600);
        assertThat(((Replica) observe("standby", replica(1, 6), 2700)).still()).isZero();
    }

    @Test
    void aTimelineOnceReachedIsNotLostWithTheReceiver() {
        observe("standby", replica(2, 500), 2000);
        var without = (Replica) observe("standby", replica(1, 500), 2500);
        var rewound = (Replica) observe("standby", replica(1, 400), 3000);

        assertThat(without.position()).isEqualTo(new Position(2, new Lsn(500)));
        assertThat(without.still()).isEqualTo(500);
        assertThat(rewound.position()).isEqualTo(new Position(1, new Lsn(400)));
    }

    @Test
    void aWalsenderIsStuckOnlyWhileThereIsMoreToFlush() {
        assertThat(stuck(100, 100, 2000)).isZero();
        assertThat(stuck(100, 100, 9000)).as("idle").isZero();
        assertThat(stuck(200, 100, 9500)).as("just seen behind").isZero();
        assertThat(stuck(300, 100, 9900)).isEqualTo(400);
        assertThat(stuck(300, 150, 9950)).as("it moved").isZero();
    }

    private Replica replaying(long end, long replayed, long lagMillis, long now) {
        var standby =
                new Replica(
                                "7351",
                                new Position(1, new Lsn(end)),
                                new Lsn(replayed),
                                Optional.empty(),
                                0,
                                lagMillis,
                                List.of(),
                                0,
                                Archiving.OFF)
                        .with(new Replay(true, "", "", Map.of("max_wal_senders", 10), "", 0));
        var state =
                new State(
                        "standby",
                        Runner.UNHEARD,
                        REMAINS,
                        new Given(0, ""),
                        Map.of("max_wal_senders", 20));
        return (Replica) observer.observe(state, standby, now);
    }

    @Test
    void aReplayStandsStillOnlyWhileThereIsMoreWal() {
        assertThat(replaying(100, 100, 0, 2000).replay().get().still()).isZero();
        assertThat(replaying(100, 100, 0, 9000).replay().get().still()).as("idle").isZero();
        assertThat(replaying(200, 100, 0, 9500).replay().get().still()).isEqualTo(500);
        assertThat(replaying(300, 100, 0, 9900).replay().get().still()).isEqualTo(900);
        assertThat(replaying(300, 150, 0, 9950).replay().get().still()).as("it moved").isZero();
    }

    /** The last commit may be hours old where nobody wrote; or none was replayed at all. */
    @Test
    void lagIsNeverLongerThanSomethingWasLacking() {
        assertThat(replaying(200, 100, 3_600_000, 2000).lagMillis())
                .as("as the server says, as long as nothing else is known")
                .isEqualTo(3_600_000);
        assertThat(replaying(200, 200, 0, 3000).lagMillis()).isZero();
        assertThat(replaying(300, 200, 3_600_000, 3500).lagMillis()).isEqualTo(500);
        assertThat(replaying(300, 200, 3_600_000, 9000).lagMillis()).isEqualTo(6000);
        assertThat(replaying(300, 250, 20, 9100).lagMillis()).isEqualTo(20);
    }

    @Test
    void theRunnersKnowledgeTellsASettingThatIsTooLow() {
        assertThat(replaying(200, 100, 0, 2000).replay().get().lacking())
                .isEqualTo("max_wal_senders is 10, its primary had 20");
    }

    @Test
    void looksAddUpToAProof() {
        for (int i = 0; i < 4; i++) {
            observe("primary", primary(100, 100), 2000 + i * 500L);
        }

        assertThat(observer.proof().proven()).isTrue();
        observe("crashed", SILENT, 5000);
        assertThat(observer.proof().proven()).as("about that start only").isTrue();
    }
}
