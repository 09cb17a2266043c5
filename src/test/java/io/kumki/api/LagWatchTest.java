package io.kumki.api;

import static io.kumki.api.Scene.AT;
import static io.kumki.api.Scene.N2;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.agent.StatusBoard;
import io.kumki.core.model.Lsn;
import io.kumki.core.model.Position;
import io.kumki.core.routing.ReplicaFitness;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A replica withdrawn from a balancer returns late. */
class LagWatchTest {
    private static final LagLimit ONE_MEGABYTE = LagLimit.parse("1MB");

    private final StatusBoard board = new StatusBoard();
    private long now = 1000;
    private final LagWatch watch =
            new LagWatch(
                    board,
                    () -> now,
                    new ReplicaFitness.Limits(0, Duration.ZERO, Duration.ofSeconds(5)));

    private void tick(long bytesBehind) {
        now += 1000;
        var position = new Position(AT.timeline(), new Lsn(AT.lsn().bytes() - bytesBehind));
        board.publish(Scene.onReplica().server(N2, Scene.replica(true, position, 0)).snapshot());
    }

    @Test
    void aReplicaThatExceededTheLimitIsWithheldForAWhile() {
        watch.note(ONE_MEGABYTE);
        tick(0);
        assertThat(watch.withheld()).isEmpty();

        tick(2 << 20);
        tick(0);
        assertThat(watch.withheld()).containsKey(ONE_MEGABYTE);

        for (int second = 0; second < 5; second++) {
            tick(0);
        }
        assertThat(watch.withheld()).isEmpty();
    }

    @Test
    void theWaitBeginsUnderHalfOfTheLimit() {
        watch.note(ONE_MEGABYTE);
        tick(2 << 20);
        for (int second = 0; second < 9; second++) {
            tick(900_000);
        }
        assertThat(watch.withheld().get(ONE_MEGABYTE)).contains("half of the limit");
    }

    @Test
    void aLimitIsOnlyWatchedOnceSomebodyAskedForIt() {
        tick(2 << 20);
        assertThat(watch.withheld()).isEmpty();
        watch.note(LagLimit.NONE);
        tick(2 << 20);
        assertThat(watch.withheld()).isEmpty();
    }

    @Test
    void whoeverAsksForManyLimitsFillsNoMemory() {
        for (int megabytes = 1; megabytes < 100; megabytes++) {
            watch.note(LagLimit.parse(megabytes + "kB"));
        }
        tick(2 << 20);
        assertThat(watch.withheld()).hasSize(32);
    }

    @Test
    void anAnswerSaysWhyItIsWithheld() {
        watch.note(ONE_MEGABYTE);
        tick(2 << 20);
        tick(0);
        var vitals =
                new Vitals(Scene.settings(N2), board.last(), 10, watch.withheld())
                        .replica(ONE_MEGABYTE);
        assertThat(vitals.up()).isFalse();
        assertThat(vitals.reason()).contains("not yet");
    }
}
