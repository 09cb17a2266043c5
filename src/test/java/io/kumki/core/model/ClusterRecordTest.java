package io.kumki.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.Episode.Cause;
import io.kumki.core.model.Episode.Opened;
import io.kumki.core.model.Episode.Timing;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ClusterRecordTest {
    private static final NodeId ANNA = new NodeId("anna");
    private static final NodeId BERT = new NodeId("bert");
    private static final Position START = new Position(1, new Lsn(100));

    private static Episode episode(long term) {
        return new Episode(
                term,
                ANNA,
                Cause.FAILOVER,
                "",
                0,
                new Timing(1, 2, 3),
                true,
                START,
                Optional.empty());
    }

    private static ClusterRecord record(List<Episode> history) {
        return new ClusterRecord(
                "demo",
                "7351",
                new Tenure(7, ANNA, "anna/1/1", false, Optional.empty(), 3000),
                START,
                new Safety(Mode.SYNC, Set.of(ANNA)),
                Wishes.NONE,
                history,
                Optional.empty());
    }

    private static ClusterRecord withEpisodes(int many) {
        var result = record(List.of());
        for (int term = 1; term <= many; term++) {
            result = result.adding(episode(term));
        }
        return result;
    }

    @Test
    void onlyTheLatestEpisodesAreKept() {
        var full = withEpisodes(ClusterRecord.HISTORY + 3);

        assertThat(full.history()).hasSize(ClusterRecord.HISTORY);
        assertThat(full.history().get(0).term()).isEqualTo(4);
        assertThat(full.latest()).contains(episode(ClusterRecord.HISTORY + 3));
        assertThat(record(List.of()).latest()).isEmpty();
    }

    @Test
    void amendingChangesOneTermAndNothingElse() {
        var opened = new Opened(START, 5, true, "");
        var before = withEpisodes(3);
        var after =
                before.amending(
                        2,
                        e ->
                                new Episode(
                                        e.term(),
                                        BERT,
                                        e.cause(),
                                        e.reason(),
                                        e.at(),
                                        e.timing(),
                                        e.safe(),
                                        e.before(),
                                        Optional.of(opened)));

        assertThat(after.history().get(1).opened()).contains(opened);
        assertThat(after.history().get(0)).isEqualTo(episode(1));
        assertThat(after.history().get(2)).isEqualTo(episode(3));
        assertThat(after.tenure()).isEqualTo(before.tenure());
    }

    @Test
    void aForgottenTermIsNotAmended() {
        var full = withEpisodes(ClusterRecord.HISTORY + 1);

        assertThat(full.amending(1, e -> episode(99))).isEqualTo(full);
    }

    @Test
    void aRenewalChangesItsIdOnly() {
        var before = record(List.of());
        var after = before.renewed("anna/1/2");

        assertThat(after.tenure().renewal()).isEqualTo("anna/1/2");
        assertThat(after.renewed("anna/1/1")).isEqualTo(before);
    }

    @Test
    void theNextRenewalCarriesTheTtlThatIsAgreedOn() {
        var agreed = record(List.of()).with(new Agreed(9000, Mode.SYNC, Set.of(ANNA)));

        assertThat(agreed.tenure().ttl()).as("what was renewed stays").isEqualTo(3000);
        assertThat(agreed.renewed("anna/1/2").tenure().ttl()).isEqualTo(9000);
        assertThat(agreed.released(Optional.empty(), "anna/1/2").tenure().ttl()).isEqualTo(9000);
    }

    @Test
    void aReleaseNamesForWhom() {
        var released = record(List.of()).released(Optional.of(BERT), "anna/1/2").tenure();

        assertThat(released.released()).isTrue();
        assertThat(released.releasedTo()).contains(BERT);
        assertThat(released.term()).isEqualTo(7);
        assertThat(released.holder()).isEqualTo(ANNA);
    }

    @Test
    void eachPartIsReplacedAlone() {
        var next = new Position(2, new Lsn(500));
        var safety = new Safety(Mode.ASYNC, Set.of());
        var wishes = new Wishes(true, Optional.empty(), Optional.of(BERT));
        var changed = record(List.of()).with(next).with(safety).with(wishes).withSystemId("1");

        assertThat(changed.position()).isEqualTo(next);
        assertThat(changed.safety()).isEqualTo(safety);
        assertThat(changed.wishes()).isEqualTo(wishes);
        assertThat(changed.systemId()).isEqualTo("1");
        assertThat(changed.heldBy(ANNA)).isTrue();
        assertThat(changed.heldBy(BERT)).isFalse();
    }
}
