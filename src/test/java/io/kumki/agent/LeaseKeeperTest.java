package io.kumki.agent;

import static io.kumki.agent.KeeperBench.ANNA;
import static io.kumki.agent.KeeperBench.BERT;
import static io.kumki.agent.KeeperBench.START;
import static io.kumki.agent.KeeperBench.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kumki.agent.KeeperBench.Granted;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Wishes;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The holder's side of I1: from when, for how long, and what ends it. */
class LeaseKeeperTest {
    private static ClusterRecord agreeing(ClusterRecord record, long ttl) {
        return record.with(record.agreed().orElseThrow().withTtl(ttl));
    }

    @Test
    void theLeaseCountsFromBeforeTheAttemptAndNotFromItsAnswer() {
        var bench = new KeeperBench(3000);
        bench.acquire(3000);
        bench.elapse(800);
        bench.commit();

        assertThat(bench.granted()).isEqualTo(new Granted(8, START + 2700, START + 2900));
        assertThat(bench.keeper.held().term()).isEqualTo(8);
        assertThat(bench.keeper.held().remaining()).isEqualTo(2700 - 800);
        assertThat(bench.keeper.election()).isEqualTo(800);
    }

    @Test
    void itIsRenewedFiveTimesPerTtlWhileItIsWanted() {
        var bench = KeeperBench.leading(3000);
        bench.tick();
        bench.elapse(599);
        assertThat(bench.attempt()).isEmpty();
        bench.elapse(1);
        assertThat(bench.attempt()).isPresent();
        bench.commit();

        assertThat(bench.granted()).isEqualTo(new Granted(8, START + 3300, START + 3500));
    }

    @Test
    void withoutTheLoopsLeaveItRunsOut() {
        var bench = KeeperBench.leading(3000);
        bench.tick();
        for (int beat = 0; beat < 10; beat++) {
            bench.elapse(600);
            bench.attempt().ifPresent(a -> bench.commit());
        }

        assertThat(bench.ids()).hasSize(5);
        assertThat(bench.keeper.held().remaining()).isNegative();
    }

    @Test
    void lapsingEndsTheRenewalsAtOnce() {
        var bench = KeeperBench.leading(3000);
        bench.tick();
        bench.keeper.lapse();
        bench.elapse(3000);

        assertThat(bench.attempt()).isEmpty();
    }

    @Test
    void aHigherTermEndsItAtOnce() {
        var bench = KeeperBench.leading(3000);
        bench.keeper.saw(bench.view(bench.text(record(BERT, 9, "bert/i1/10", 3000, 3000)), 99));

        assertThat(bench.keeper.held().term()).isZero();
        assertThat(bench.granted()).isEqualTo(new Granted(8, 0, 0));
    }

    @Test
    void aHigherTermFoundByARenewalEndsItToo() {
        var bench = KeeperBench.leading(3000);
        bench.tick();
        bench.elapse(600);
        bench.changed(record(BERT, 9, "bert/i1/10", 3000, 3000));
        bench.conflict();

        assertThat(bench.granted()).isEqualTo(new Granted(8, 0, 0));
        assertThat(bench.attempt()).isEmpty();
    }

    @Test
    void ourOwnReleaseEndsItThoughItsAnswerWasLost() {
        var bench = KeeperBench.leading(3000);
        var released = bench.value().released(Optional.of(BERT), "anna/i1/2");
        bench.keeper.saw(bench.view(bench.text(released), 99));

        assertThat(bench.keeper.held().term()).isZero();
        assertThat(bench.granted()).isEqualTo(new Granted(8, 0, 0));
    }

    @Test
    void aReleaseThatWasCommittedEndsIt() {
        var bench = KeeperBench.leading(3000);
        bench.keeper.write(
                bench.keeper.known(), id -> bench.value().released(Optional.empty(), id));
        bench.commit();

        assertThat(bench.keeper.held().term()).isZero();
        assertThat(bench.granted()).isEqualTo(new Granted(8, 0, 0));
    }

    @Test
    void eachAttemptHasAnIdOfItsOwnAlsoARetry() {
        var bench = KeeperBench.leading(3000);
        bench.tick();
        bench.elapse(600);
        bench.undecided();
        bench.undecided();
        bench.undecided();

        assertThat(bench.attempt()).as("three tries, then the next beat").isEmpty();
        assertThat(bench.ids()).hasSize(4).doesNotHaveDuplicates();
    }

    @Test
    void anUndecidedRenewalProlongsNothing() {
        var bench = KeeperBench.leading(3000);
        bench.tick();
        bench.elapse(600);
        bench.undecided();

        assertThat(bench.granted()).isEqualTo(new Granted(8, START + 2700, START + 2900));
        assertThat(bench.keeper.held().settled()).isFalse();
    }

    @Test
    void whatIsUndecidedIsSettledByTheNextOne() {
        var bench = KeeperBench.leading(3000);
        bench.tick();
        bench.elapse(600);
        bench.undecided();
        bench.commit();

        assertThat(bench.keeper.held().settled()).isTrue();
    }

    @Test
    void aWishThatCameBetweenIsKept() {
        var bench = KeeperBench.leading(3000);
        bench.tick();
        bench.elapse(600);
        var paused = new Wishes(true, Optional.empty(), Optional.empty());
        bench.changed(bench.value().with(paused));
        bench.conflict();
        bench.commit();

        assertThat(bench.value().wishes()).isEqualTo(paused);
        assertThat(bench.keeper.held().term()).isEqualTo(8);
    }

    @Test
    void aWordUnderALowerBallotIsNoNews() {
        var bench = KeeperBench.leading(3000);
        var before = bench.keeper.known();
        bench.keeper.saw(bench.view(bench.text(record(ANNA, 8, "anna/i1/0", 3000, 3000)), 1));

        assertThat(bench.keeper.known()).isEqualTo(before);
    }

    @Test
    void aShorterTtlBindsBeforeItsAttemptCanBeSeen() {
        var bench = KeeperBench.leading(15_000);
        bench.elapse(100);
        bench.changed(agreeing(bench.value(), 5000));
        bench.tick();

        assertThat(bench.next().tenure().ttl()).isEqualTo(5000);
        assertThat(bench.attempt().orElseThrow().granted())
                .isEqualTo(new Granted(8, START + 100 + 4500, START + 100 + 4900));
        bench.undecided();
        assertThat(bench.granted())
                .isEqualTo(new Granted(8, START + 100 + 4500, START + 100 + 4900));
    }

    @Test
    void ofALittleShorterTtlTheEarlierKillCountsThoughItsDeadlineIsLater() {
        var bench = KeeperBench.leading(15_000);
        bench.elapse(950);
        bench.changed(agreeing(bench.value(), 14_000));
        bench.tick();

        assertThat(bench.granted()).isEqualTo(new Granted(8, START + 13_500, START + 14_850));
    }

    @Test
    void withoutTheRunnersFolderAShorterTtlIsNotAttempted() {
        var bench = KeeperBench.leading(15_000);
        bench.changed(agreeing(bench.value(), 5000));
        bench.folderGone(true);

        assertThatThrownBy(bench::tick).isInstanceOf(UncheckedIOException.class);
        assertThat(bench.attempt()).isEmpty();
        bench.folderGone(false);
        bench.tick();
        assertThat(bench.attempt()).isPresent();
    }

    @Test
    void aLongerTtlCountsOnceItIsCommitted() {
        var bench = KeeperBench.leading(3000);
        bench.changed(agreeing(bench.value(), 15_000));
        bench.tick();
        assertThat(bench.next().tenure().ttl()).isEqualTo(15_000);
        assertThat(bench.granted()).isEqualTo(new Granted(8, START + 2700, START + 2900));

        bench.commit();
        assertThat(bench.granted()).isEqualTo(new Granted(8, START + 13_500, START + 14_900));
    }

    @Test
    void aRenewalThatWasUnderWayDoesNotBringTheOldTtlBack() {
        var bench = KeeperBench.leading(15_000);
        bench.tick();
        bench.elapse(3000);
        bench.changed(agreeing(bench.value(), 5000));
        bench.conflict();
        bench.commit();

        assertThat(bench.value().tenure().ttl()).isEqualTo(5000);
        assertThat(bench.value().agreed().orElseThrow().ttl()).isEqualTo(5000);
        assertThat(bench.granted()).isEqualTo(new Granted(8, START + 7500, START + 7900));
    }

    @Test
    void theLeaseIsKeptThroughTheWidestChangesOfItsTtl() {
        var bench = KeeperBench.leading(60_000);
        bench.reign(20_000);
        bench.changed(agreeing(bench.value(), 1000));
        bench.reign(5_000);
        assertThat(bench.keeper.held().remaining()).isBetween(400L, 700L);

        bench.changed(agreeing(bench.value(), 60_000));
        bench.reign(5_000);
        assertThat(bench.keeper.held().remaining()).isBetween(40_000L, 54_000L);
        assertThat(bench.keeper.held().term()).isEqualTo(8);
    }

    @Test
    void whereTheRenewalDoesNotSayThisNodesOwnTtlCounts() {
        var bench = new KeeperBench(3000);
        bench.acquire(3000);
        bench.commit();
        var silent =
                new ClusterRecord(
                        "demo",
                        "7351",
                        record(ANNA, 8, "anna/i1/1", 0, 3000).tenure(),
                        bench.value().position(),
                        bench.value().safety(),
                        Wishes.NONE,
                        bench.value().history(),
                        Optional.empty());
        bench.changed(silent);
        bench.tick();
        bench.elapse(600);
        bench.commit();

        assertThat(bench.granted()).isEqualTo(new Granted(8, START + 3300, START + 3500));
    }

    @Test
    void oneThatIsStoppedRenewsNoMore() {
        var bench = KeeperBench.leading(3000);
        bench.tick();
        bench.keeper.stop();
        bench.elapse(3000);

        assertThat(bench.attempt()).isEmpty();
    }
}
