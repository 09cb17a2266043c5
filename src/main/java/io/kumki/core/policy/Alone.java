package io.kumki.core.policy;

import static io.kumki.core.policy.Policy.hold;

import io.kumki.core.model.Action.BeStandby;
import io.kumki.core.model.Action.Stop;
import io.kumki.core.model.Decision;
import io.kumki.core.model.Lease;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.Rule;
import io.kumki.core.model.View;
import java.util.Optional;

/** No majority of voters answers, and we hold no lease. */
final class Alone {
    private Alone() {}

    static Decision decide(View view, Lease.Unknown unknown) {
        return switch (view.local().server()) {
            case LocalServer.Primary primary -> asPrimary(view, unknown);
            case LocalServer.Stopped stopped -> asStopped(view, unknown);
            case LocalServer.Replica r -> hold(Rule.A10_NO_MAJORITY, unknown.reason());
            case LocalServer.Stopping s -> hold(Rule.A10_NO_MAJORITY, unknown.reason());
            case LocalServer.Starting s -> hold(Rule.A10_NO_MAJORITY, unknown.reason());
            case LocalServer.Unreachable u -> hold(Rule.A10_NO_MAJORITY, unknown.reason());
            case LocalServer.Empty e -> hold(Rule.A15_NEVER_STARTED, unknown.reason());
        };
    }

    /**
     * The hand stops a server that Kumki armed, when its lease ends: an agent that has just started
     * need not be quicker. One that Kumki never led is not ours to stop.
     */
    private static Decision asPrimary(View view, Lease.Unknown unknown) {
        if (view.local().runner().armed() == 0 && view.register().isEmpty()) {
            return hold(Rule.A14_NOT_OURS_YET, unknown.reason());
        }
        boolean waited =
                view.streak().rule().equals(Rule.A13_LEASE_ENDED.id())
                        || view.streak().rule().equals(Rule.A10_NO_MAJORITY.id())
                                && view.streak().millis() > view.settings().timing().ttl();
        if (!waited && view.local().runner().armed() != 0) {
            return hold(
                    Rule.A10_NO_MAJORITY,
                    "the runner guards term %d; %s"
                            .formatted(view.local().runner().armed(), unknown.reason()));
        }
        return new Decision(Rule.A13_LEASE_ENDED, new Stop(true), unknown.reason());
    }

    /** Not at once: when everything restarts, the others are a few seconds away. */
    private static Decision asStopped(View view, Lease.Unknown unknown) {
        if (view.register().isEmpty()) {
            return hold(Rule.A15_NEVER_STARTED, unknown.reason());
        }
        boolean waited =
                view.streak().rule().equals(Rule.A12_SERVE_READS.id())
                        || view.streak().rule().equals(Rule.A10_NO_MAJORITY.id())
                                && view.streak().millis() >= view.settings().timing().patience();
        if (!waited || view.register().get().wishes().paused()) {
            return hold(Rule.A10_NO_MAJORITY, unknown.reason());
        }
        return new Decision(
                Rule.A12_SERVE_READS, new BeStandby(Optional.empty()), unknown.reason());
    }
}
