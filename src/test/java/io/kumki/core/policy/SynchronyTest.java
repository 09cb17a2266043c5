package io.kumki.core.policy;

import static io.kumki.core.policy.Runners.runs;
import static io.kumki.core.policy.Servers.MEGABYTE;
import static io.kumki.core.policy.Servers.primary;
import static io.kumki.core.policy.Servers.walsender;
import static io.kumki.core.policy.Views.ANNA;
import static io.kumki.core.policy.Views.BERT;
import static io.kumki.core.policy.Views.CARL;
import static io.kumki.core.policy.Views.TIMING;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.Action.BePrimary;
import io.kumki.core.model.Action.Hold;
import io.kumki.core.model.Action.MarkSafe;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.LocalServer.Walsender;
import io.kumki.core.model.Mode;
import io.kumki.core.model.Peer;
import io.kumki.core.model.Rule;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Y09 to Y21: whom commits wait for, and who is safe to promote. */
class SynchronyTest {
    private static Views alone() {
        return Views.ofLeader().safe(ANNA);
    }

    private static Views bertIsAway() {
        return Views.ofLeader().server(primary().streamingTo().is());
    }

    @Test
    void y09TheRegisterFollowsTheConfiguredMode() {
        var decision = Views.ofLeader().async().configured(Mode.SYNC).decision();

        assertThat(decision.rule()).isEqualTo(Rule.Y09_MODE);
        assertThat(decision.action()).isEqualTo(new MarkSafe(Set.of(ANNA)));
    }

    @Test
    void y10AHealthyStandbyIsWaitedFor() {
        var decision = alone().server(primary().waitingFor("").is()).decision();

        assertThat(decision.rule()).isEqualTo(Rule.Y10_ENABLE);
        assertThat(decision.action()).isEqualTo(new BePrimary("\"bert\"", false));
    }

    @Test
    void y10TheOneWithMostWalIsChosenAndOnlyOne() {
        var carl = walsender("carl", 0, 0);
        var server = primary().waitingFor("").streamingTo(walsender("bert", 100, 0), carl);
        var view = alone().peer(CARL, Servers.replica().is());

        assertThat(view.server(server.is()).decision().action())
                .isEqualTo(new BePrimary("\"carl\"", false));
    }

    @Test
    void y10NeitherAStrangerNorALaggardNorAHungOneIsWaitedFor() {
        var unfit =
                new Walsender[] {
                    walsender("pg_basebackup", 0, 0),
                    walsender("bert", 16 * MEGABYTE, 0),
                    walsender("bert", 1, TIMING.degradeAfter()),
                    new Walsender("bert", "catchup", "sync", Servers.HERE, 0),
                };
        for (var one : unfit) {
            assertThat(alone().server(primary().waitingFor("").streamingTo(one).is()).rule())
                    .as(one.toString())
                    .isEqualTo(Rule.L10_LEADING);
        }
    }

    @Test
    void y11AStandbyIsNotSafeBeforeItIsProven() {
        var decision = alone().decision();

        assertThat(decision.rule()).isEqualTo(Rule.Y11_PROVING);
        assertThat(decision.action()).isEqualTo(new Hold());
        assertThat(alone().proven("\"carl\"").rule())
                .as("a proof is about one standby")
                .isEqualTo(Rule.Y11_PROVING);
    }

    /** A setting that is ordered again and again, and a proof that never comes. */
    @Test
    void y10AndY11KeepNothingElseFromBeingDone() {
        var noSlots = primary().slots();
        var proving = alone().server(noSlots.is());
        var enabling = alone().server(noSlots.waitingFor("").is());

        assertThat(proving.rule()).isEqualTo(Rule.L16_SLOTS);
        assertThat(enabling.rule()).isEqualTo(Rule.Y10_ENABLE);
        assertThat(enabling.after(Rule.Y10_ENABLE, TIMING.grace() + 1).rule())
                .isEqualTo(Rule.L16_SLOTS);
        assertThat(bertIsAway().server(primary().slots().streamingTo().is()).rule())
                .as("commits wait meanwhile")
                .isEqualTo(Rule.Y19_STANDBY_AWAY);
    }

    private static final Peer.Standing NEVER = new Peer.Standing(100, true);

    /** Both stream all there is; commits wait for bert. */
    private static Views three() {
        var both = primary().streamingTo(walsender("bert", 0, 0), walsender("carl", 0, 0));
        return Views.ofLeader().server(both.is()).peer(CARL, Servers.replica().is());
    }

    @Test
    void y10WhoCanBePromotedIsChosenBeforeWhoHasMoreWal() {
        var behind = walsender("carl", 100, 0);
        var server = primary().waitingFor("").streamingTo(walsender("bert", 0, 0), behind);
        var carl = new BePrimary("\"carl\"", false);
        var view = alone().server(server.is()).peer(CARL, Servers.replica().is());

        assertThat(view.peer(BERT, Servers.replica().is(), runs(), NEVER).decision().action())
                .isEqualTo(carl);
        assertThat(view.without(BERT).decision().action()).as("not heard").isEqualTo(carl);
        assertThat(view.peer(BERT, new LocalServer.Unreachable("x", 1, true)).decision().action())
                .isEqualTo(carl);
        assertThat(alone().peer(BERT, Servers.replica().is(), runs(), NEVER).rule())
                .as("better than none")
                .isEqualTo(Rule.Y11_PROVING);
    }

    @Test
    void y13OneThatIsNotHeardIsLeftAfterAWhileOneWithNoFailoverAtOnce() {
        var unheard = three().without(BERT);
        var alone = new MarkSafe(Set.of(ANNA));

        assertThat(unheard.rule()).isEqualTo(Rule.Y13_UNFIT);
        assertThat(unheard.decision().action()).isEqualTo(new Hold());
        assertThat(unheard.after(Rule.Y13_UNFIT, TIMING.patience()).decision().action())
                .isEqualTo(alone);
        var never = three().peer(BERT, Servers.replica().is(), runs(), NEVER);
        assertThat(never.decision().action()).isEqualTo(alone);
        assertThat(never.safe(ANNA).rule()).isEqualTo(Rule.Y21_DISABLE);
        assertThat(never.safe(ANNA).decision().action())
                .as("first the register, then PostgreSQL")
                .isEqualTo(new BePrimary("\"carl\"", false));
        assertThat(never.safe(ANNA).unsettled().rule()).isEqualTo(Rule.L18_UNSETTLED);
    }

    @Test
    void y13IsForNobodyElse() {
        assertThat(three().rule()).as("a slot for carl is all").isEqualTo(Rule.L16_SLOTS);
        assertThat(three().without(BERT).without(CARL).rule())
                .as("nobody could be promoted")
                .isEqualTo(Rule.L10_LEADING);
    }

    @Test
    void y12AProvenStandbyIsSafe() {
        var decision = alone().proven("\"bert\"").decision();

        assertThat(decision.rule()).isEqualTo(Rule.Y12_SAFE);
        assertThat(decision.action()).isEqualTo(new MarkSafe(Set.of(ANNA, BERT)));
    }

    @Test
    void y19AnAbsentStandbyIsWaitedForAWhile() {
        var decision = bertIsAway().decision();

        assertThat(decision.rule()).isEqualTo(Rule.Y19_STANDBY_AWAY);
        assertThat(decision.action()).isEqualTo(new Hold());
        assertThat(bertIsAway().after(Rule.L10_LEADING, 60_000).rule())
                .as("the wait begins when it is missed")
                .isEqualTo(Rule.Y19_STANDBY_AWAY);
    }

    @Test
    void y20AStandbyThatAcknowledgesNothingIsNotWaitedForTwice() {
        var stuck = walsender("bert", 1, TIMING.degradeAfter());
        var nearly = walsender("bert", 1, TIMING.degradeAfter() - 1);

        assertThat(Views.ofLeader().server(primary().streamingTo(stuck).is()).rule())
                .isEqualTo(Rule.Y20_UNSAFE);
        assertThat(Views.ofLeader().server(primary().streamingTo(nearly).is()).rule())
                .isEqualTo(Rule.L10_LEADING);
    }

    @Test
    void y20TheRegisterHearsOfItBeforePostgres() {
        var decision = bertIsAway().after(Rule.Y19_STANDBY_AWAY, TIMING.degradeAfter()).decision();

        assertThat(decision.rule()).isEqualTo(Rule.Y20_UNSAFE);
        assertThat(decision.action()).isEqualTo(new MarkSafe(Set.of(ANNA)));
    }

    @Test
    void y20WhoCommitsDoNotWaitForIsNotSafe() {
        var nobody = Views.ofLeader().server(primary().waitingFor("").is()).decision();
        var another = Views.ofLeader().safe(ANNA, CARL).decision();

        assertThat(nobody.rule()).isEqualTo(Rule.Y20_UNSAFE);
        assertThat(nobody.action()).isEqualTo(new MarkSafe(Set.of(ANNA)));
        assertThat(another.rule()).isEqualTo(Rule.Y20_UNSAFE);
        assertThat(another.action()).isEqualTo(new MarkSafe(Set.of(ANNA)));
    }

    @Test
    void y20IsTriedAgainWithoutAnotherWait() {
        assertThat(bertIsAway().after(Rule.Y20_UNSAFE, 0).rule()).isEqualTo(Rule.Y20_UNSAFE);
    }

    @Test
    void y19ABulkLoadThatOutrunsTheStandbyIsNoAbsence() {
        var server = primary().streamingTo(walsender("bert", 64 * MEGABYTE, 100)).is();

        assertThat(Views.ofLeader().server(server).rule()).isEqualTo(Rule.L10_LEADING);
    }

    @Test
    void y21OnlyWhenTheRegisterCallsItUnsafeMayCommitsGoOn() {
        var decision = bertIsAway().safe(ANNA).decision();

        assertThat(decision.rule()).isEqualTo(Rule.Y21_DISABLE);
        assertThat(decision.action()).isEqualTo(new BePrimary("", false));
    }

    @Test
    void l18NotOnTheWordOfAWriteThatIsUndecided() {
        var decision = bertIsAway().safe(ANNA).unsettled().decision();

        assertThat(decision.rule()).isEqualTo(Rule.L18_UNSETTLED);
        assertThat(decision.action()).isEqualTo(new Hold());
    }

    @Test
    void y21AnotherHealthyStandbyIsWaitedForInstead() {
        var server =
                primary()
                        .streamingTo(walsender("carl", 0, 0))
                        .slots(Servers.slot(BERT), Servers.slot(CARL));
        var view = Views.ofLeader().safe(ANNA).peer(CARL, Servers.replica().is());

        assertThat(view.server(server.is()).decision().action())
                .isEqualTo(new BePrimary("\"carl\"", false));
    }

    @Test
    void y21AsyncWaitsForNobody() {
        assertThat(Views.ofLeader().async().rule()).isEqualTo(Rule.Y21_DISABLE);
        assertThat(Views.ofLeader().async().server(primary().waitingFor("").is()).rule())
                .isEqualTo(Rule.L10_LEADING);
    }
}
