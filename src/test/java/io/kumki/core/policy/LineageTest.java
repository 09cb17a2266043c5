package io.kumki.core.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.Lsn;
import io.kumki.core.model.Position;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LineageTest {
    private static final Position FIRST = new Position(1, new Lsn(100));
    private static final Position SECOND = new Position(2, new Lsn(200));

    private static Optional<Long> parting(Lineage one, Lineage other) {
        assertThat(one.parting(other)).as("from both sides").isEqualTo(other.parting(one));
        return one.parting(other).map(Lsn::bytes);
    }

    private static Lineage on(int timeline, Position... left) {
        return new Lineage(List.of(left), timeline);
    }

    @Test
    void oneInThePastOfTheOtherPartsWhereItWasLeft() {
        assertThat(parting(on(1), on(2, FIRST))).contains(100L);
        assertThat(parting(on(2, FIRST), on(7, FIRST, SECOND))).contains(200L);
    }

    @Test
    void twoThatLeftOneTimelinePartAtTheEarlierPlace() {
        assertThat(parting(on(2, FIRST), on(3, new Position(1, new Lsn(90))))).contains(90L);
        assertThat(parting(on(2, FIRST), on(3, FIRST))).as("at one place").contains(100L);
    }

    @Test
    void aForkEarlierInThePastCountsMoreThanOneNumberLater() {
        assertThat(parting(on(7, FIRST, SECOND), on(2, new Position(1, new Lsn(90)))))
                .contains(90L);
    }

    @Test
    void withoutACommonTimelineNothingIsCommon() {
        assertThat(parting(on(3), on(2, FIRST))).isEmpty();
    }

    @Test
    void oneTimelineToBothEndsPartsNowhere() {
        assertThat(parting(on(7, FIRST), on(7, FIRST))).isEmpty();
    }

    @Test
    void aHistoryThatWasReadEarlierDoesNotDiffer() {
        assertThat(Lineage.differ(List.of(FIRST), List.of(FIRST, SECOND))).isFalse();
        assertThat(Lineage.differ(List.of(SECOND), List.of(FIRST, SECOND))).isTrue();
    }
}
