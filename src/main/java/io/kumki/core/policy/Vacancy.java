package io.kumki.core.policy;

import static io.kumki.core.policy.Policy.hold;

import io.kumki.core.model.Action.BeStandby;
import io.kumki.core.model.Action.Campaign;
import io.kumki.core.model.Action.Stop;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Decision;
import io.kumki.core.model.Episode.Cause;
import io.kumki.core.model.Lease;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.LocalServer.Stopped;
import io.kumki.core.model.Rule;
import io.kumki.core.model.View;
import java.util.Optional;

/** The lease is free: released, expired, or left by our own agent's earlier life. */
final class Vacancy {
    private Vacancy() {}

    static Decision decide(View view, Lease.Free free) {
        var record = view.register().orElseThrow();
        return switch (view.local().server()) {
            case LocalServer.Primary primary -> asPrimary(view, free);
            case LocalServer.Unreachable u when u.primary() && isOurs(view, free) ->
                    asPrimary(view, free);
            case LocalServer.Replica replica -> Candidacy.judge(view, free, replica);
            case Stopped stopped -> asStopped(view, free, record, stopped);
            case LocalServer.Empty empty -> asEmpty(view, free, record);
            case LocalServer.Starting s -> hold(Rule.V25_STARTING, "for " + s.since() + " ms");
            case LocalServer.Stopping s -> hold(Rule.V25_STARTING, "stopping first");
            case LocalServer.Unreachable u -> Policy.holdUnanswered(Rule.V26_UNREACHABLE, view, u);
        };
    }

    /**
     * Only the term that the runner guards tells that this primary is still the rightful one. One
     * term less will do: the newest term is ours, so nobody was in between.
     */
    private static Decision asPrimary(View view, Lease.Free free) {
        if (isOurs(view, free)) {
            return new Decision(
                    Rule.V10_RETAKE, new Campaign(Cause.RESUME), "we hold term " + free.term());
        }
        return new Decision(
                Rule.V11_UNENTITLED,
                new Stop(true),
                "%s held term %d last, our runner guards term %d"
                        .formatted(free.last(), free.term(), view.local().runner().armed()));
    }

    private static boolean isOurs(View view, Lease.Free free) {
        boolean ours = free.last().equals(view.self()) && !free.released();
        long armed = view.local().runner().armed();
        return ours && (armed == free.term() || armed == free.term() - 1);
    }

    private static Decision asStopped(
            View view, Lease.Free free, ClusterRecord record, Stopped stopped) {
        var remains = stopped.remains();
        if (!remains.systemId().equals(record.systemId()) && !record.systemId().isEmpty()) {
            return hold(Rule.F33_FOREIGN, "system identifier is " + remains.systemId());
        }
        if (view.local().runner().openedShort()) {
            return hold(Rule.V29_OPENED_SHORT, view.local().runner().error());
        }
        if (record.wishes().forced().equals(Optional.of(view.self()))) {
            return new Decision(
                    Rule.V28_FORCED, new Campaign(Cause.FORCED), "an operator accepted the loss");
        }
        if (!remains.wasPrimary()) {
            boolean broken = view.local().runner().failed("standby");
            return new Decision(
                    broken ? Rule.V27_BROKEN : Rule.V23_START_STANDBY,
                    new BeStandby(Optional.empty()),
                    broken ? view.local().runner().error() : "it was a standby");
        }
        if (!free.last().equals(view.self())) {
            return hold(Rule.V22_WAIT_FOR_LEADER, free.last() + " led last");
        }
        return resume(view, free);
    }

    /** The last leader has every acknowledged commit; but one that is up already is quicker. */
    private static Decision resume(View view, Lease.Free free) {
        var successor = free.to().or(() -> Candidacy.successor(view));
        boolean paused = view.register().orElseThrow().wishes().paused();
        boolean waited =
                view.streak().rule().equals(Rule.V21_RESUME.id())
                        || view.streak().rule().equals(Rule.V20_LEAVE_TO.id())
                                && view.streak().millis() > 2 * view.settings().timing().grace();
        if (successor.isPresent() && !paused && !waited) {
            return hold(Rule.V20_LEAVE_TO, successor.get() + " may lead");
        }
        return new Decision(
                Rule.V21_RESUME,
                new Campaign(Cause.RESUME),
                view.self() + " led term " + free.term());
    }

    private static Decision asEmpty(View view, Lease.Free free, ClusterRecord record) {
        boolean founder = free.last().equals(view.self()) && record.systemId().isEmpty();
        return founder && view.settings().bootstrap()
                ? new Decision(
                        Rule.B10_BOOTSTRAP, new Campaign(Cause.BOOTSTRAP), "again, nothing exists")
                : hold(Rule.V24_NO_DATA, free.last() + " led last");
    }
}
