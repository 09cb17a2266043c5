package io.kumki.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.Action.BePrimary;
import io.kumki.core.model.Action.BeStandby;
import io.kumki.core.model.Action.Clone;
import io.kumki.core.model.Action.Order;
import io.kumki.core.model.Action.Source;
import io.kumki.core.model.Action.Stop;
import io.kumki.core.model.HostPort;
import io.kumki.core.model.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RepeatsTest {
    private static final Clone CLONE =
            new Clone(new Source(new NodeId("anna"), new HostPort("anna", 5432)));

    private final Repeats repeats = new Repeats();
    private long now;

    /** Seconds between one try and the next, of an order that never helps. */
    private List<Long> pauses(Order order, int tries, boolean done) {
        var pauses = new ArrayList<Long>();
        long last = now;
        repeats.given(false, false, now);
        while (pauses.size() < tries) {
            now += 100;
            if (repeats.due(order, now)) {
                repeats.given(true, done, now);
                pauses.add((now - last) / 1000);
                last = now;
            }
        }
        return pauses;
    }

    @Test
    void whatFailsThreeTimesInARowIsTriedLessOften() {
        assertThat(pauses(CLONE, 7, false)).containsExactly(2L, 2L, 4L, 8L, 16L, 30L, 30L);
        assertThat(pauses(new BeStandby(Optional.empty()), 4, true))
                .as("also a start that is done and does not last")
                .containsExactly(2L, 2L, 4L, 8L);
    }

    @Test
    void aStopOrAPromotionNeverWaits() {
        assertThat(pauses(new Stop(true), 5, false)).containsOnly(2L);
        assertThat(pauses(new BePrimary("", false), 5, false)).containsOnly(2L);
    }

    @Test
    void anotherOrderAndASuccessThatLastedBeginAnew() {
        pauses(CLONE, 7, false);
        assertThat(pauses(CLONE, 2, false)).containsExactly(2L, 2L);
        pauses(CLONE, 7, false);
        now += 200_000;
        repeats.given(true, true, now);
        assertThat(repeats.due(CLONE, now + 2_100)).isTrue();
    }
}
