package io.kumki.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.Action.Campaign;
import io.kumki.core.model.Action.Found;
import io.kumki.core.model.Action.Receipt;
import io.kumki.core.model.Action.Release;
import io.kumki.core.model.Agreed;
import io.kumki.core.model.Archiving;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Episode.Cause;
import io.kumki.core.model.Episode.Opened;
import io.kumki.core.model.Episode.Timing;
import io.kumki.core.model.Handover;
import io.kumki.core.model.HostPort;
import io.kumki.core.model.Lease;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.LocalServer.Remains;
import io.kumki.core.model.LocalServer.Replica;
import io.kumki.core.model.LocalServer.Stopped;
import io.kumki.core.model.LocalServer.Synchronous;
import io.kumki.core.model.Lsn;
import io.kumki.core.model.Mode;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Peer;
import io.kumki.core.model.Position;
import io.kumki.core.model.Runner;
import io.kumki.core.model.Safety;
import io.kumki.core.model.Settings;
import io.kumki.core.model.SyncProof;
import io.kumki.core.model.Tenure;
import io.kumki.core.model.View;
import io.kumki.core.model.Wishes;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The records that a change of the leader writes, as bert writes them. */
class TenancyTest {
    private static final NodeId ANNA = new NodeId("anna");
    private static final NodeId BERT = new NodeId("bert");
    private static final Position HERE = new Position(1, new Lsn(1000));
    private static final Replica STANDBY =
            new Replica(
                    "7351", HERE, HERE.lsn(), Optional.empty(), 0, 0, List.of(), 0, Archiving.OFF);
    private static final Primary PRIMARY =
            new Primary(
                    "7351",
                    HERE,
                    1,
                    0,
                    "monday",
                    new Synchronous("", 0),
                    List.of(),
                    List.of(),
                    LocalServer.Activity.NONE,
                    0,
                    Archiving.OFF);

    private static ClusterRecord record(NodeId holder, Mode mode, NodeId... safe) {
        return new ClusterRecord(
                "demo",
                "7351",
                new Tenure(7, holder, "r", false, Optional.empty(), 3000),
                new Position(1, new Lsn(900)),
                new Safety(mode, Set.of(safe)),
                new Wishes(true, Optional.of(new Wishes.Switchover(ANNA, BERT)), Optional.of(BERT)),
                List.of(),
                Optional.empty());
    }

    private static View view(Optional<ClusterRecord> register, LocalServer server) {
        var settings =
                new Settings(
                        BERT,
                        "demo",
                        false,
                        Mode.SYNC,
                        0,
                        0,
                        Settings.OnCrash.FAILOVER,
                        true,
                        new Peer.Standing(100, false),
                        new Settings.Timing(3000, 1, 1, 1, 1, 1, 1));
        return new View(
                settings,
                Set.of(ANNA),
                register,
                new Lease.Free(7, ANNA, 3200, false, Optional.empty()),
                new View.Local(new HostPort("bert", 5432), server, Runner.UNHEARD, Handover.NONE),
                List.of(),
                SyncProof.NONE,
                new View.Streak("", 0));
    }

    private static ClusterRecord acquired(ClusterRecord before, LocalServer server) {
        return Tenancy.acquired(
                view(Optional.of(before), server),
                new Campaign(Cause.FAILOVER),
                "bert/1/1",
                new Tenancy.Moment(123, "best"));
    }

    @Test
    void aFoundedClusterIsLedInTermOneAndSafeWithItsFounderOnly() {
        var found = new Found("7351", Cause.ADOPTION);
        var record = Tenancy.found(view(Optional.empty(), PRIMARY), found, "bert/1/1", 5);

        assertThat(record.tenure())
                .isEqualTo(new Tenure(1, BERT, "bert/1/1", false, Optional.empty(), 3000));
        assertThat(record.safety()).isEqualTo(new Safety(Mode.SYNC, Set.of(BERT)));
        assertThat(record.position()).isEqualTo(HERE);
        assertThat(record.latest().orElseThrow().cause()).isEqualTo(Cause.ADOPTION);
    }

    @Test
    void anAcquisitionIsANewTermInWhichNobodyElseIsSafe() {
        var next = acquired(record(ANNA, Mode.SYNC, ANNA, BERT), STANDBY);
        var episode = next.latest().orElseThrow();

        assertThat(next.tenure())
                .isEqualTo(new Tenure(8, BERT, "bert/1/1", false, Optional.empty(), 3000));
        assertThat(next.safety().safe()).containsExactly(BERT);
        assertThat(episode.term()).isEqualTo(8);
        assertThat(episode.before()).isEqualTo(new Position(1, new Lsn(900)));
        assertThat(episode.timing().detection()).isEqualTo(3200);
        assertThat(episode.opened()).isEmpty();
    }

    @Test
    void theFoundersConfigurationIsAgreedOn() {
        var found = new Found("7351", Cause.ADOPTION);
        var record = Tenancy.found(view(Optional.empty(), PRIMARY), found, "bert/1/1", 5);

        assertThat(record.agreed()).contains(new Agreed(3000, Mode.SYNC, Set.of(ANNA, BERT)));
    }

    @Test
    void aNewTermCountsForTheTtlThatIsAgreedOnAndChangesNothingOfIt() {
        var agreed = new Agreed(9000, Mode.SYNC, Set.of(ANNA, BERT));
        var next = acquired(record(ANNA, Mode.SYNC, ANNA, BERT).with(agreed), STANDBY);

        assertThat(next.tenure().ttl()).isEqualTo(9000);
        assertThat(next.agreed()).contains(agreed);
    }

    @Test
    void wishesEndWithTheTermButAPauseStays() {
        assertThat(acquired(record(ANNA, Mode.SYNC, BERT), STANDBY).wishes())
                .isEqualTo(new Wishes(true, Optional.empty(), Optional.empty()));
    }

    @Test
    void aServerThatNeverStoppedKeepsItsSafeStandby() {
        var before = record(BERT, Mode.SYNC, ANNA, BERT);
        var next = acquired(before, PRIMARY);

        assertThat(next.tenure().term()).isEqualTo(8);
        assertThat(next.safety()).isEqualTo(before.safety());
        assertThat(next.history()).as("nobody changed").isEmpty();
    }

    @Test
    void safeIsWhoHadEveryAcknowledgedCommit() {
        assertThat(isSafe(record(ANNA, Mode.SYNC, ANNA, BERT))).isTrue();
        assertThat(isSafe(record(ANNA, Mode.SYNC, ANNA))).as("forced").isFalse();
        assertThat(isSafe(record(ANNA, Mode.ASYNC, ANNA, BERT))).as("async").isFalse();
        assertThat(isSafe(record(BERT, Mode.ASYNC, BERT))).as("the last leader").isTrue();
        assertThat(isSafe(record(ANNA, Mode.ASYNC).released(Optional.of(BERT), "r2")))
                .as("a switchover")
                .isTrue();
    }

    /** Storm 1906: forced, cut off before it opened; the receipt said that nothing was lost. */
    @Test
    void whoWasForcedAndNeverOpenedIsNotSafeInItsNextTermEither() {
        var forced = acquired(record(ANNA, Mode.SYNC, ANNA), STANDBY);

        assertThat(forced.heldBy(BERT)).isTrue();
        assertThat(isSafe(forced)).isFalse();
    }

    /** Storm 1451: in async, a crash before an ordered switchover was called a switchover. */
    @Test
    void aCrashWhileASwitchoverIsOrderedIsNoSwitchover() {
        var before = record(ANNA, Mode.ASYNC, ANNA);
        var release = new Release(Optional.of(BERT));
        var crashed = new Stopped(true, new Remains("7351", 2, new Lsn(2000), "in production"));
        var undrained = new Stopped(false, new Remains("7351", 2, new Lsn(2000), "shut down"));

        assertThat(released(before, release, crashed).wishes().switchover()).isEmpty();
        assertThat(isSafe(released(before, release, crashed))).isFalse();
        assertThat(isSafe(released(before, release, undrained))).isFalse();
    }

    private static boolean isSafe(ClusterRecord before) {
        return acquired(before, STANDBY).latest().orElseThrow().safe();
    }

    @Test
    void aCleanStopTellsTheLastPosition() {
        var before = record(BERT, Mode.SYNC, BERT);
        var release = new Release(Optional.of(ANNA));
        var clean = new Stopped(false, new Remains("7351", 2, new Lsn(2000), "shut down"));
        var crashed = new Stopped(true, new Remains("7351", 2, new Lsn(2000), "in production"));

        assertThat(released(before, release, clean).position())
                .isEqualTo(new Position(2, new Lsn(2000)));
        assertThat(released(before, release, crashed).position()).isEqualTo(before.position());
        assertThat(released(before, release, clean).tenure())
                .isEqualTo(new Tenure(7, BERT, "r2", true, Optional.of(ANNA), 3000));
    }

    private static ClusterRecord released(
            ClusterRecord before, Release release, LocalServer server) {
        return Tenancy.released(view(Optional.of(before), server), before, release, "r2");
    }

    @Test
    void theFirstReceiptBringsTheTimesALaterOneKeepsThem() {
        var acquired = acquired(record(ANNA, Mode.SYNC, BERT), STANDBY);
        var first = new Opened(HERE, 5, false, "");
        var later = new Opened(HERE, 7, true, "anna:/salvage/8");
        var noted = Tenancy.receipted(acquired, new Receipt(8, first), new Timing(0, 20, 30));
        var measured = Tenancy.receipted(noted, new Receipt(8, later), new Timing(0, 99, 99));

        assertThat(noted.latest().orElseThrow().timing()).isEqualTo(new Timing(3200, 20, 30));
        assertThat(measured.latest().orElseThrow().timing()).isEqualTo(new Timing(3200, 20, 30));
        assertThat(measured.latest().orElseThrow().opened()).contains(later);
    }

    @Test
    void droppedWishesLeaveThePause() {
        assertThat(Tenancy.withoutWishes(record(ANNA, Mode.SYNC)).wishes())
                .isEqualTo(new Wishes(true, Optional.empty(), Optional.empty()));
    }
}
