package io.kumki.core.policy;

import io.kumki.core.model.Action;
import io.kumki.core.model.Decision;
import io.kumki.core.model.Lease;
import io.kumki.core.model.Rule;
import io.kumki.core.model.View;

/**
 * What to do, from all that is known: a pure function, the same for the agent and the simulator.
 *
 * <p>Two axes make the table: who holds the lease (here), and what our server is (in the class of
 * each case). The compiler asks for every cell.
 */
public final class Policy {
    private Policy() {}

    /** Never fails and never looks outside of the view. */
    public static Decision decide(View view) {
        if (view.settings().witness()) {
            return new Decision(Rule.W10_WITNESS, new Action.Hold(), "a witness has no server");
        }
        return switch (view.lease()) {
            case Lease.Mine mine -> Leading.decide(view, mine);
            case Lease.Theirs theirs -> Following.decide(view, theirs);
            case Lease.Free free -> Vacancy.decide(view, free);
            case Lease.Blank blank -> Founding.decide(view);
            case Lease.Unknown unknown -> Alone.decide(view, unknown);
        };
    }

    static Decision hold(Rule rule, String because) {
        return new Decision(rule, new Action.Hold(), because);
    }
}
