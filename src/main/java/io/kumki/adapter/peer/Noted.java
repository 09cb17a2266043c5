package io.kumki.adapter.peer;

import io.kumki.agent.Report;

/**
 * What is known of a peer.
 *
 * @param at when it was heard last, of System.nanoTime
 */
record Noted(Report report, long at) {

    /**
     * A report that was long on its way must not replace a newer one. What a peer answers is its
     * last finished tick's view with its voter's present state, and may cross a report of the tick
     * that has just begun there: of each part the newer one counts.
     */
    Noted after(Noted next) {
        var come = next.report();
        if (!report.incarnation().equals(come.incarnation())) {
            return next;
        }
        var view = come.tick() < report.tick() ? report : come;
        boolean late = come.voter().ballot().isBelow(report.voter().ballot());
        return new Noted(view.with(late ? report.voter() : come.voter()), next.at());
    }
}
