package io.kumki.core.policy;

import io.kumki.core.model.Action;
import io.kumki.core.model.Decision;
import io.kumki.core.model.Lease;
import io.kumki.core.model.LocalServer;
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

    /** Without its runner nobody starts that server again: worth more than what the socket said. */
    static Decision holdUnanswered(Rule rule, View view, LocalServer.Unreachable server) {
        long silent = view.local().runner().silent();
        if (silent <= view.settings().timing().ttl()) {
            return hold(rule, server.reason());
        }
        var word =
                silent == Long.MAX_VALUE
                        ? "its runner was never heard"
                        : "its runner has been silent for " + silent / 1000 + " s";
        return hold(rule, server.reason() + "; " + word + ", so nobody starts it");
    }

    static Decision hold(Rule rule, String because) {
        return new Decision(rule, new Action.Hold(), because);
    }
}
