package io.kumki.core.policy;

import static io.kumki.core.policy.Runners.runs;
import static io.kumki.core.policy.Views.ANNA;
import static io.kumki.core.policy.Views.BERT;
import static io.kumki.core.policy.Views.TERM;
import static io.kumki.core.policy.Views.TIMING;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.Action.BePrimary;
import io.kumki.core.model.Action.Checkpoint;
import io.kumki.core.model.Action.DropWishes;
import io.kumki.core.model.Action.Hold;
import io.kumki.core.model.Action.Receipt;
import io.kumki.core.model.Action.Slots;
import io.kumki.core.model.Episode;
import io.kumki.core.model.Episode.Cause;
import io.kumki.core.model.Episode.Opened;
import io.kumki.core.model.Episode.Timing;
import io.kumki.core.model.LocalServer.Slot;
import io.kumki.core.model.Lsn;
import io.kumki.core.model.Position;
import io.kumki.core.model.Rule;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** L10 to L20: the lease is ours and the server is there. */
class LeadingTest {
    private static final Position BEFORE = new Position(1, new Lsn(Servers.HERE.bytes() + 500));

    private static final Timing NO_TIME = new Timing(0, 0, 0);
    private static final Optional<Opened> NEVER = Optional.empty();

    /** What the register says of anna's promotion. */
    private static Episode episode(boolean safe, Optional<Opened> opened) {
        return new Episode(TERM, ANNA, Cause.FAILOVER, "", 0, NO_TIME, safe, BEFORE, opened);
    }

    private static Opened opened(long lost, boolean measured) {
        return new Opened(new Position(1, Servers.HERE), lost, measured, "");
    }

    @Test
    void l10AHealthyLeaderOnlyRenews() {
        var decision = Views.ofLeader().decision();

        assertThat(decision.rule()).isEqualTo(Rule.L10_LEADING);
        assertThat(decision.action()).isEqualTo(new Hold());
    }

    @Test
    void l19ASilentRunnerIsNoHand() {
        var silent = Views.ofLeader().runner(runs().armed(TERM).silentFor(TIMING.ttl() + 1));

        assertThat(silent.rule()).isEqualTo(Rule.L19_NO_HAND);
        assertThat(silent.decision().action()).isEqualTo(new Hold());
        assertThat(Views.ofLeader().rule()).isEqualTo(Rule.L10_LEADING);
    }

    @Test
    void l12TheHandIsArmedBeforeAnythingElse() {
        var decision = Views.ofLeader().runner(runs().armed(TERM - 1)).decision();

        assertThat(decision.rule()).isEqualTo(Rule.L12_ARM);
        assertThat(decision.action()).isEqualTo(new BePrimary("\"bert\"", false));
    }

    @Test
    void l13ASafeNodeLosesNothing() {
        var view = Views.ofLeader().history(episode(true, Optional.empty()));

        assertThat(view.decision().rule()).isEqualTo(Rule.L13_OPENED);
        assertThat(view.decision().action()).isEqualTo(new Receipt(TERM, opened(0, true)));
    }

    @Test
    void l13AnUnsafeNodeReportsWhatItLacksAtLeast() {
        var view = Views.ofLeader().history(episode(false, Optional.empty()));

        assertThat(view.decision().action()).isEqualTo(new Receipt(TERM, opened(500, false)));
    }

    @Test
    void l13IsNotedOnce() {
        var known = episode(true, Optional.of(opened(0, true)));

        assertThat(Views.ofLeader().history(known).rule()).isEqualTo(Rule.L10_LEADING);
    }

    /** Bert led term 6, anna took over in term 7, and bert's runner tells what it kept. */
    private static Views bertIsBack(boolean annaWasSafe, String salvage) {
        return Views.ofLeader()
                .history(new Episode(6, BERT, Cause.FAILOVER, "", 0, NO_TIME, true, BEFORE, NEVER))
                .history(episode(annaWasSafe, Optional.of(opened(500, annaWasSafe))))
                .peer(BERT, Servers.replica().is(), runs().salvaged(salvage, 640));
    }

    @Test
    void l14TheOldPrimarysRunnerTellsWhatOnlyItHad() {
        var view = bertIsBack(false, "/salvage/7");
        var position = new Position(1, Servers.HERE);

        assertThat(view.decision().rule()).isEqualTo(Rule.L14_MEASURED);
        assertThat(view.decision().action())
                .isEqualTo(new Receipt(TERM, new Opened(position, 640, true, "bert:/salvage/7")));
    }

    @Test
    void l14WalThatNobodyWasToldOfIsKeptAndNotCalledLost() {
        var receipt = (Receipt) bertIsBack(true, "/salvage/7").decision().action();

        assertThat(receipt.opened().lostBytes()).isZero();
        assertThat(receipt.opened().salvage()).isEqualTo("bert:/salvage/7");
    }

    @Test
    void l14SalvageIsMeasuredForTheChangeThatEndedItsOwnersLead() {
        assertThat(bertIsBack(false, "/salvage/8").rule())
                .as("the leader's agent restarted in between")
                .isEqualTo(Rule.L14_MEASURED);
        assertThat(bertIsBack(false, "/salvage/6").rule())
                .as("older than that change")
                .isEqualTo(Rule.L10_LEADING);
        assertThat(bertIsBack(false, "/salvage/old").rule()).isEqualTo(Rule.L10_LEADING);
    }

    @Test
    void l14AStandbyThatNeverLedCanLoseNothing() {
        var view = Views.ofLeader().history(episode(false, Optional.of(opened(500, false))));

        assertThat(view.peer(BERT, Servers.replica().is(), runs().salvaged("/salvage/7", 1)))
                .extracting(Views::rule)
                .isEqualTo(Rule.L10_LEADING);
    }

    @Test
    void l15TheControlFileStillShowsTheOldTimeline() {
        var decision = Views.ofLeader().server(Servers.primary().onTimeline(2, 1).is()).decision();

        assertThat(decision.rule()).isEqualTo(Rule.L15_CHECKPOINT);
        assertThat(decision.action()).isEqualTo(new Checkpoint());
        assertThat(Views.ofLeader().server(Servers.primary().onTimeline(2, 2).is()).rule())
                .isEqualTo(Rule.L10_LEADING);
    }

    @Test
    void l15ACheckpointThatFailsForGoodStarvesNobody() {
        var server = Servers.primary().onTimeline(2, 1);

        assertThat(Views.ofLeader().server(server.slots().is()).rule()).isEqualTo(Rule.L16_SLOTS);
        assertThat(Views.ofLeader().server(server.waitingFor("").is()).rule())
                .isEqualTo(Rule.Y20_UNSAFE);
    }

    @Test
    void l16EachMemberGetsItsSlot() {
        var decision = Views.ofLeader().server(Servers.primary().slots().is()).decision();

        assertThat(decision.rule()).isEqualTo(Rule.L16_SLOTS);
        assertThat(decision.action())
                .isEqualTo(new Slots(Set.of("kumki_bert"), Set.of(), Set.of()));
    }

    @Test
    void l16StrangersOfOurNameAndLostSlotsGoOthersStay() {
        var bert = new Slot("kumki_bert", false, true, Lsn.ZERO);
        var gone = new Slot("kumki_gone", false, false, Lsn.ZERO);
        var backup = new Slot("barman", false, true, Lsn.ZERO);
        var decision =
                Views.ofLeader()
                        .server(Servers.primary().slots(bert, gone, backup).is())
                        .decision();

        assertThat(decision.action())
                .isEqualTo(new Slots(Set.of(), Set.of("kumki_bert", "kumki_gone"), Set.of()));
    }

    @Test
    void l16AnActiveSlotIsNeverDroppedAndAMemberThatIsAwayKeepsIts() {
        var gone = new Slot("kumki_gone", true, false, Lsn.ZERO);
        var bert = new Slot("kumki_bert", false, false, Servers.HERE);
        var view = Views.ofLeader().server(Servers.primary().slots(gone, bert).is());

        assertThat(view.without(BERT).rule()).isEqualTo(Rule.L10_LEADING);
    }

    @Test
    void l17AForcedFailoverIsNoWishForLater() {
        var decision = Views.ofLeader().forced(BERT).decision();

        assertThat(decision.rule()).isEqualTo(Rule.L17_WISH_ENDED);
        assertThat(decision.action()).isEqualTo(new DropWishes());
    }

    @Test
    void l20OurStandbyIsPromotedAndWaitsForNobody() {
        var decision = Views.ofLeader().server(Servers.replica().is()).decision();

        assertThat(decision.rule()).isEqualTo(Rule.L20_PROMOTE);
        assertThat(decision.action()).isEqualTo(new BePrimary("", false, Servers.HERE));
    }

    @Test
    void l20IsOneOrderHoweverFarTheStandbyReplays() {
        var first = new BePrimary("", false, Servers.HERE);
        var later = new BePrimary("", false, new Lsn(Servers.HERE.bytes() + 1));

        assertThat(first.key(TERM)).isEqualTo(later.key(TERM)).isNotEqualTo(later.key(TERM + 1));
    }

    @Test
    void l20APromotionMayTakeAsLongAsPatienceAllows() {
        assertThat(
                        Views.ofLeader()
                                .server(Servers.replica().is())
                                .after(Rule.L20_PROMOTE, TIMING.patience())
                                .rule())
                .isEqualTo(Rule.L20_PROMOTE);
    }
}
