package io.kumki.adapter.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.NodeId;
import org.junit.jupiter.api.Test;

/** What lasts is told once; what a restart makes for a moment is not. */
class ComplaintsTest {
    private static final NodeId N1 = new NodeId("n1");
    private final Complaints complaints = new Complaints();

    @Test
    void aRestartIsNoComplaint() {
        for (long now = 0; now < Complaints.LASTS; now += 100) {
            assertThat(complaints.note(N1, "two agents", now)).isFalse();
        }
        assertThat(complaints.note(N1, "two agents", 100_000)).as("the next restart").isFalse();
    }

    @Test
    void whatLastsIsToldOnceAlthoughAnotherComplaintComesBetween() {
        int told = 0;
        for (long now = 0; now < 20_000; now += 500) {
            told += complaints.note(N1, "two agents", now) ? 1 : 0;
            assertThat(complaints.note(N1, "other " + now, now)).isFalse();
        }
        assertThat(told).isEqualTo(1);
    }
}
