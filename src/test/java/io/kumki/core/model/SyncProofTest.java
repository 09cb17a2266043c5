package io.kumki.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.LocalServer.Synchronous;
import io.kumki.core.model.LocalServer.Walsender;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When a standby counts as proven, and every way in which it must not. */
class SyncProofTest {
    private static final Walsender BERT = walsender("bert", "sync", 1000);

    private static Walsender walsender(String name, String syncState, long flushed) {
        return new Walsender(name, "streaming", syncState, new Lsn(flushed), 0);
    }

    private static Primary look(String names, int waits, String started, Walsender... all) {
        return new Primary(
                "1",
                new Position(1, new Lsn(1000)),
                1,
                0,
                started,
                new Synchronous(names, waits),
                List.of(all),
                List.of(),
                LocalServer.Activity.NONE,
                0,
                Archiving.OFF);
    }

    private static Primary look(Walsender... all) {
        return look("\"bert\"", 2, "monday", all);
    }

    private static SyncProof after(Primary... looks) {
        var proof = SyncProof.NONE;
        for (var look : looks) {
            proof = proof.after(look);
        }
        return proof;
    }

    private static SyncProof proven() {
        return after(look(BERT), look(BERT), look(BERT), look(BERT));
    }

    private static Primary waited(int commits) {
        return look("\"bert\"", commits, "monday", BERT);
    }

    @Test
    void setSeenWaitingTwiceThenFlushed() {
        assertThat(proven().proven()).isTrue();
        assertThat(proven().names()).isEqualTo("\"bert\"");
    }

    @Test
    void notBeforeTwoCommitsWereSeenWaiting() {
        assertThat(after(waited(0), waited(0), waited(0), waited(0), waited(0)).barrier())
                .as("a flag that is not set: nothing waits, however long it lasts")
                .isEmpty();
        assertThat(after(waited(0), waited(1), waited(1), waited(1)).barrier())
                .as("it may be about to be taken back")
                .isEmpty();
        assertThat(after(waited(0), waited(1), waited(2)).barrier()).isPresent();
    }

    @Test
    void notByWhatWasSeenWithTheSettingBefore() {
        assertThat(after(waited(2)).barrier()).isEmpty();
    }

    @Test
    void theBarrierIsWhatWasFlushedOnceCommitsWait() {
        assertThat(after(waited(0), waited(1), waited(2)).barrier()).contains(new Lsn(1000));
        assertThat(after(waited(0), waited(1), waited(2)).proven()).isFalse();
        assertThat(after(waited(0), waited(1), waited(2), waited(2)).proven()).isTrue();
    }

    @Test
    void notBeforeTheBarrierIsFlushed() {
        var behind = walsender("bert", "sync", 999);

        assertThat(after(look(behind), look(behind), look(behind), look(behind)).proven())
                .isFalse();
        assertThat(after(look(behind), look(behind), look(behind), look(BERT)).proven()).isTrue();
    }

    @Test
    void notWhileTheStandbyIsShownAsAnythingButSync() {
        for (var state : new String[] {"async", "potential", "quorum"}) {
            var other = look(walsender("bert", state, 1000));
            assertThat(after(other, other, other, other, other).proven()).as(state).isFalse();
        }
    }

    @Test
    void notByAnotherStandbysAnswer() {
        var carl = look(walsender("carl", "sync", 1000));

        assertThat(after(carl, carl, carl, carl, carl).proven()).isFalse();
    }

    @Test
    void notWhileAnotherCouldAnswerInItsPlace() {
        var two = look(BERT, walsender("carl", "sync", 1000));
        var spare = look(BERT, walsender("carl", "potential", 1000));

        assertThat(after(two, two, two, two, two).proven()).isFalse();
        assertThat(after(spare, spare, spare, spare, spare).proven()).isFalse();
    }

    @Test
    void anAsynchronousNeighbourDoesNotMatter() {
        var both = look(BERT, walsender("pg_basebackup", "async", 0));

        assertThat(after(both, both, both, both).proven()).isTrue();
    }

    @Test
    void notWithAListOfNames() {
        var list = look("\"bert\", \"carl\"", 2, "monday", BERT);

        assertThat(after(list, list, list, list, list).proven()).isFalse();
    }

    @Test
    void anotherSettingBeginsAnew() {
        assertThat(proven().after(look("", 2, "monday", BERT)).proven()).isFalse();
        assertThat(proven().after(look("\"carl\"", 2, "monday", BERT)).proven()).isFalse();
    }

    @Test
    void anotherStartOfTheServerBeginsAnew() {
        var restarted = look("\"bert\"", 2, "tuesday", BERT);

        assertThat(proven().after(restarted)).isEqualTo(after(restarted));
    }

    @Test
    void onceProvenItStaysAlsoWhileTheStandbyIsAway() {
        assertThat(proven().after(look()).proven()).isTrue();
    }
}
