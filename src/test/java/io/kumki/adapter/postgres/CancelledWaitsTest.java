package io.kumki.adapter.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.Archiving;
import io.kumki.core.model.LocalServer.Activity;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.LocalServer.Synchronous;
import io.kumki.core.model.LocalServer.Walsender;
import io.kumki.core.model.Lsn;
import io.kumki.core.model.Position;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CancelledWaitsTest {
    private static final String BERT = "\"bert\"";
    private final CancelledWaits waits = new CancelledWaits();

    private long look(String names, long flushed, String... waiting) {
        var bert = new Walsender("bert", "streaming", "sync", new Lsn(flushed), 0);
        var seen =
                new Primary(
                        "7351",
                        new Position(1, new Lsn(500)),
                        1,
                        0,
                        "monday",
                        new Synchronous(names, 2),
                        List.of(bert),
                        List.of(),
                        Activity.NONE,
                        0,
                        Archiving.OFF);
        return waits.look(seen, Set.of(waiting));
    }

    @Test
    void aWaitThatEndsWhileTheStandbyStandsStillWasCancelled() {
        assertThat(look(BERT, 100, "7", "8")).isZero();
        assertThat(look(BERT, 100, "8")).as("it may have been released this moment").isZero();
        assertThat(look(BERT, 100, "8")).isEqualTo(1);
        assertThat(look(BERT, 100, "8")).as("counted once").isEqualTo(1);
        look(BERT, 100);
        assertThat(look(BERT, 100)).isEqualTo(2);
    }

    @Test
    void aWaitThatTheStandbyEndedWasNot() {
        look(BERT, 100, "7");
        look(BERT, 100);
        assertThat(look(BERT, 200)).as("its answer was seen a moment late").isZero();
        look(BERT, 200, "8");
        look(BERT, 300);
        assertThat(look(BERT, 300)).isZero();
    }

    /** Kumki lets commits go on without a standby that stays away, after the register said so. */
    @Test
    void aWaitThatEndedBecauseNobodyIsWaitedForAnyMoreWasNot() {
        look(BERT, 100, "7");
        look(BERT, 100);
        assertThat(look("", 100)).isZero();
        look("", 100, "9");
        look("", 100);
        assertThat(look("", 100)).isZero();
    }
}
