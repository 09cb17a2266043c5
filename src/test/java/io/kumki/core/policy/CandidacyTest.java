package io.kumki.core.policy;

import static io.kumki.core.policy.Runners.runs;
import static io.kumki.core.policy.Servers.MEGABYTE;
import static io.kumki.core.policy.Servers.replica;
import static io.kumki.core.policy.Views.ANNA;
import static io.kumki.core.policy.Views.BERT;
import static io.kumki.core.policy.Views.CARL;
import static io.kumki.core.policy.Views.TERM;
import static io.kumki.core.policy.Views.TIMING;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.Action.Campaign;
import io.kumki.core.model.Action.Hold;
import io.kumki.core.model.Episode;
import io.kumki.core.model.Episode.Cause;
import io.kumki.core.model.Lease;
import io.kumki.core.model.Lsn;
import io.kumki.core.model.Peer;
import io.kumki.core.model.Position;
import io.kumki.core.model.Rule;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** C01 to C10: the lease is free and our server is a standby. */
class CandidacyTest {
    private static final Campaign FAILOVER = new Campaign(Cause.FAILOVER);

    /** Bert's view with carl beside him, both safe. */
    private static Views withCarl(Servers.ReplicaIs carl) {
        return Views.ofCandidate().safe(ANNA, BERT, CARL).peer(CARL, carl.notStreaming().is());
    }

    private static Lease expiredBefore(long age) {
        return new Lease.Free(TERM, ANNA, age, false, Optional.empty());
    }

    @Test
    void c01APauseForbidsAFailover() {
        assertThat(Views.ofCandidate().paused().rule()).isEqualTo(Rule.C01_PAUSED);
        assertThat(Views.ofCandidate().paused().decision().action()).isEqualTo(new Hold());
    }

    @Test
    void c02NoFailoverIsKept() {
        assertThat(Views.ofCandidate().standing(100, true).rule()).isEqualTo(Rule.C02_NO_FAILOVER);
    }

    @Test
    void c03AForeignServerIsNoCandidate() {
        assertThat(Views.ofCandidate().server(replica().of("another").notStreaming().is()).rule())
                .isEqualTo(Rule.C03_FOREIGN);
    }

    @Test
    void c04InSyncOnlyASafeNodeIsPromoted() {
        assertThat(Views.ofCandidate().safe(ANNA).rule()).isEqualTo(Rule.C04_NOT_SAFE);
        assertThat(Views.ofCandidate().safe(ANNA, CARL).rule()).isEqualTo(Rule.C04_NOT_SAFE);
        assertThat(Views.ofCandidate().safe(ANNA).released(Optional.of(BERT)).rule())
                .as("not even when it is named")
                .isEqualTo(Rule.C04_NOT_SAFE);
    }

    /** Put back from an old backup: it has the name of a safe node and not its WAL. */
    @Test
    void c05InSyncWhoEndsBeforeTheLastLeaderOpenedIsRefused() {
        var opened = new Position(3, Servers.HERE);
        var episode =
                new Episode(
                        Views.TERM,
                        Views.ANNA,
                        Episode.Cause.FAILOVER,
                        "",
                        0,
                        new Episode.Timing(0, 0, 0),
                        true,
                        opened,
                        Optional.of(new Episode.Opened(opened, 0, true, "")));
        var before = new Lsn(Servers.HERE.bytes() - 1);
        var view = Views.ofCandidate().history(episode);

        assertThat(view.server(Servers.replica().notStreaming().at(2, before).is()).rule())
                .isEqualTo(Rule.C05_TOO_FAR_BEHIND);
        assertThat(view.server(Servers.replica().notStreaming().at(2, Servers.HERE).is()).rule())
                .as("a timeline may be known late")
                .isEqualTo(Rule.C10_BEST);
    }

    @Test
    void c05InAsyncTheLagIsBounded() {
        var atTheLimit = replica().behind(MEGABYTE).notStreaming().is();
        var beyond = replica().behind(MEGABYTE + 1).notStreaming().is();

        assertThat(Views.ofCandidate().async().server(atTheLimit).rule()).isEqualTo(Rule.C10_BEST);
        assertThat(Views.ofCandidate().async().server(beyond).rule())
                .isEqualTo(Rule.C05_TOO_FAR_BEHIND);
        assertThat(
                        Views.ofCandidate()
                                .async()
                                .server(replica().at(0, Servers.HERE).notStreaming().is())
                                .rule())
                .as("an older timeline is behind, whatever its LSN")
                .isEqualTo(Rule.C05_TOO_FAR_BEHIND);
    }

    @Test
    void c06WhileWalArrivesThePrimaryLives() {
        var moved = replica().movedBefore(TIMING.stillBefore() - 1).is();
        var view = Views.ofCandidate().server(moved);

        assertThat(view.rule()).isEqualTo(Rule.C06_WAL_ARRIVES);
        assertThat(view.released(Optional.empty()).rule())
                .as("a released lease tells that it was stopped")
                .isEqualTo(Rule.C10_BEST);
    }

    @Test
    void c07AFullDiskIsNoPlaceForAPrimary() {
        assertThat(Views.ofCandidate().runner(runs().free(64 * MEGABYTE - 1)).rule())
                .isEqualTo(Rule.C07_DISK_FULL);
        assertThat(Views.ofCandidate().runner(runs().free(-1)).rule())
                .as("unknown is not full")
                .isEqualTo(Rule.C10_BEST);
    }

    @Test
    void c08ALeaseLeftToAnotherIsLeftToItForAGrace() {
        var view = withCarl(replica().behind(100));

        assertThat(view.released(Optional.of(CARL)).rule()).isEqualTo(Rule.C08_RELEASED_TO_OTHER);
        assertThat(
                        view.lease(
                                        new Lease.Free(
                                                TERM,
                                                ANNA,
                                                TIMING.grace(),
                                                true,
                                                Optional.of(CARL)))
                                .rule())
                .isEqualTo(Rule.C10_BEST);
    }

    @Test
    void c09MoreWalWinsThenPriorityThenTheName() {
        var prior = new Peer.Standing(200, false);

        assertThat(withCarl(replica()).server(replica().behind(1).notStreaming().is()).rule())
                .isEqualTo(Rule.C09_OUTRANKED);
        assertThat(
                        Views.ofCandidate()
                                .safe(BERT, CARL)
                                .peer(CARL, replica().is(), runs(), prior)
                                .rule())
                .isEqualTo(Rule.C09_OUTRANKED);
        assertThat(withCarl(replica()).rule()).as("bert < carl").isEqualTo(Rule.C10_BEST);
        assertThat(withCarl(replica().behind(1)).rule()).isEqualTo(Rule.C10_BEST);
    }

    @Test
    void c09EndsWithTheGrace() {
        var outranked = withCarl(replica()).server(replica().behind(1).notStreaming().is());
        var end = TIMING.grace() + TIMING.ttl();

        assertThat(outranked.lease(expiredBefore(end - 1)).rule()).isEqualTo(Rule.C09_OUTRANKED);
        assertThat(outranked.lease(expiredBefore(end)).rule()).isEqualTo(Rule.C10_BEST);
    }

    @Test
    void c09AnUnsafePeerOutranksNobody() {
        var behind = replica().behind(1).notStreaming().is();

        assertThat(Views.ofCandidate().peer(CARL, replica().is()).server(behind).rule())
                .isEqualTo(Rule.C10_BEST);
    }

    @Test
    void c10TheBestSafeCandidateTakesTheLease() {
        assertThat(Views.ofCandidate().decision().action()).isEqualTo(FAILOVER);
        assertThat(Views.ofCandidate().released(Optional.of(BERT)).decision().action())
                .isEqualTo(FAILOVER);
    }

    @Test
    void c10ASwitchoverIsCalledOne() {
        var view = Views.ofCandidate().switchoverToBert();

        assertThat(view.released(Optional.of(BERT)).decision().action())
                .isEqualTo(new Campaign(Cause.SWITCHOVER));
        assertThat(view.expired().decision().action())
                .as("its source died on the way")
                .isEqualTo(FAILOVER);
    }

    @Test
    void c10AnOperatorMayAcceptTheLoss() {
        assertThat(Views.ofCandidate().safe(ANNA).forced(BERT).decision().action())
                .isEqualTo(new Campaign(Cause.FORCED));
        assertThat(Views.ofCandidate().safe(ANNA).forced(CARL).rule()).isEqualTo(Rule.C04_NOT_SAFE);
    }

    @Test
    void c03AlsoAForcedFailoverPromotesNoForeignServer() {
        var foreign = replica().of("another").notStreaming().is();

        assertThat(Views.ofCandidate().server(foreign).forced(BERT).rule())
                .isEqualTo(Rule.C03_FOREIGN);
    }

    @Test
    void peopleAreToldWhoCouldTakeOverAndWhyOthersCouldNot() {
        var view = Views.ofLeader().peer(CARL, replica().is()).is();

        assertThat(Candidacy.failoverTarget(view)).contains(BERT);
        assertThat(Candidacy.objections(view))
                .singleElement()
                .asString()
                .startsWith("carl: may lack commits; complete: ");
        assertThat(Candidacy.failoverTarget(Views.ofLeader().paused().is())).isEmpty();
    }
}
