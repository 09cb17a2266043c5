package io.kumki.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/** Wrong tokens are slowed down by address, in bounded memory, and told without a flood. */
class RefusalsTest {
    private final Refusals refusals = new Refusals();

    private long delay(String address, long now) {
        var answer = refusals.refuse(address, now);
        if (answer.delay() > 0) {
            refusals.answered(address);
        }
        return answer.delay();
    }

    @Test
    void aSlipCostsNothingAndGuessingCostsMoreEachTime() {
        var delays = new ArrayList<Long>();
        for (int i = 0; i < 20; i++) {
            delays.add(delay("10.0.0.9", i));
        }
        assertThat(delays).startsWith(0L, 0L, 0L, 500L, 1000L).endsWith(5000L, 5000L).isSorted();
        assertThat(delay("10.0.0.8", 20)).as("another address").isZero();
        assertThat(delay("10.0.0.9", 19 + Refusals.FORGIVEN_AFTER)).as("soon").isPositive();
        assertThat(delay("10.0.0.9", 30 + 2 * Refusals.FORGIVEN_AFTER)).as("quiet").isZero();
    }

    @Test
    void manyAtOnceAreNotHeldButSentAway() {
        int busy = 0;
        int held = 0;
        for (int i = 0; i < 100; i++) {
            var answer = refusals.refuse("10.0.0.9", i);
            busy += answer.busy() ? 1 : 0;
            held += answer.delay() > 0 ? 1 : 0;
        }
        assertThat(held).isEqualTo(8);
        assertThat(busy).isEqualTo(100 - 3 - 8);
        for (int i = 0; i < held; i++) {
            refusals.answered("10.0.0.9");
        }
        assertThat(refusals.refuse("10.0.0.9", 200).busy()).isFalse();
        assertThat(refusals.total()).isEqualTo(101);
    }

    @Test
    void theLogHearsTheFirstAndThenOnceAMinuteHowMany() {
        assertThat(refusals.refuse("10.0.0.9", 0).times()).contains(1L);
        for (int i = 1; i < 50; i++) {
            assertThat(refusals.refuse("10.0.0.9", i).times()).isEmpty();
        }
        assertThat(refusals.refuse("10.0.0.9", 60_000).times()).contains(50L);
    }

    @Test
    void manyAddressesFillNeitherMemoryNorLog() {
        long lines = 0;
        for (int i = 0; i < 10_000; i++) {
            lines += refusals.refuse("10.1." + i / 256 + "." + i % 256, i).times().stream().count();
        }
        assertThat(refusals.known()).isEqualTo(Refusals.KEPT);
        assertThat(lines).isEqualTo(30);
    }
}
