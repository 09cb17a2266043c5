package io.kumki.core.policy;

import static io.kumki.core.policy.Runners.runs;
import static io.kumki.core.policy.Servers.HERE;
import static io.kumki.core.policy.Servers.bytesBefore;
import static io.kumki.core.policy.Servers.primary;
import static io.kumki.core.policy.Servers.replica;
import static io.kumki.core.policy.Views.ADDRESS_OF_ANNA;
import static io.kumki.core.policy.Views.ANNA;
import static io.kumki.core.policy.Views.TIMING;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.Action.Rewind;
import io.kumki.core.model.Action.Source;
import io.kumki.core.model.Lsn;
import io.kumki.core.model.Rule;
import org.junit.jupiter.api.Test;

/** F17 to F31 where our timeline is not in the leader's past. */
class PartingTest {
    private static final Source FROM_ANNA = new Source(ANNA, ADDRESS_OF_ANNA);
    private static final Lsn FORK = bytesBefore(1000);

    /** Anna was promoted: timeline 1 ended at the fork. */
    private static Views annaWasPromoted() {
        return Views.ofStandby().peer(ANNA, primary().onTimeline(2, 2).is(), runs().left(1, FORK));
    }

    @Test
    void f31WhatHasNoCommonPastIsClonedAside() {
        var later = replica().notStreaming().at(3, HERE).is();

        var waiting = annaWasPromoted().after(Rule.F17_NO_COMMON_PAST, TIMING.patience());
        assertThat(waiting.server(later).rule()).isEqualTo(Rule.F31_RECLONE);
        assertThat(waiting.server(Servers.stopped("in production", 3, HERE)).rule())
                .isEqualTo(Rule.F31_RECLONE);
        assertThat(waiting.server(Servers.stopped("in production", 2, HERE)).rule())
                .as("the leader's own timeline: pg_rewind would find nothing to do")
                .isEqualTo(Rule.F31_RECLONE);
    }

    /** Bert led on timeline 3 after the fork; then anna, who had been away, was forced to lead. */
    @Test
    void f24f20ALeaderThatLacksOurTimelineIsRewoundToWhereTheWaysPart() {
        var forced = Views.ofStandby().peer(ANNA, primary().is()).runner(runs().left(1, FORK));
        var rewind = new Rewind(FROM_ANNA, FORK);
        var stopped = Servers.stopped("in production", 3, HERE);
        var standby = replica().notStreaming().at(3, HERE).is();

        assertThat(forced.server(stopped).rule())
                .as("its history may just not have been read")
                .isEqualTo(Rule.F17_NO_COMMON_PAST);
        forced.after(Rule.F17_NO_COMMON_PAST, TIMING.patience());
        assertThat(forced.server(stopped).decision().action()).isEqualTo(rewind);
        assertThat(forced.server(stopped).rule()).isEqualTo(Rule.F24_REWIND);
        assertThat(forced.server(standby).decision().action()).isEqualTo(rewind);
        assertThat(forced.server(standby).rule()).isEqualTo(Rule.F20_DIVERGED);
        forced.runner(runs().left(1, FORK).failed("rewind"));
        assertThat(forced.server(stopped).rule()).isEqualTo(Rule.F31_RECLONE);
    }

    @Test
    void f24WhereBothLeftOneTimelineTheEarlierPlaceCounts() {
        var earlier = bytesBefore(3000);
        var view =
                annaWasPromoted()
                        .runner(runs().left(1, earlier))
                        .server(Servers.stopped("in production", 3, HERE));

        view.after(Rule.F17_NO_COMMON_PAST, TIMING.patience());
        assertThat(view.decision().action()).isEqualTo(new Rewind(FROM_ANNA, earlier));
    }

    @Test
    void f31TwoTimelinesOfOneNumberCannotBeRewound() {
        var twin = replica().notStreaming().at(2, HERE).is();
        var view = annaWasPromoted().server(twin);

        view.after(Rule.F17_NO_COMMON_PAST, TIMING.patience());
        assertThat(view.runner(runs().left(1, bytesBefore(3000))).rule())
                .isEqualTo(Rule.F31_RECLONE);
        assertThat(view.runner(runs()).rule())
                .as("our history has not been read yet")
                .isNotEqualTo(Rule.F31_RECLONE);
    }

    @Test
    void f17TheLeadersHistoryMayNotHaveBeenReadYet() {
        var later = replica().notStreaming().at(3, HERE).is();

        assertThat(annaWasPromoted().server(later).rule()).isEqualTo(Rule.F17_NO_COMMON_PAST);
        assertThat(annaWasPromoted().server(Servers.stopped("in production", 3, HERE)).rule())
                .isEqualTo(Rule.F17_NO_COMMON_PAST);
    }
}
