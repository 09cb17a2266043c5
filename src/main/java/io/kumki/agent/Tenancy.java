package io.kumki.agent;

import io.kumki.core.model.Action.Campaign;
import io.kumki.core.model.Action.Found;
import io.kumki.core.model.Action.Receipt;
import io.kumki.core.model.Action.Release;
import io.kumki.core.model.Agreed;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Episode;
import io.kumki.core.model.Lease;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.LocalServer.Stopped;
import io.kumki.core.model.Lsn;
import io.kumki.core.model.Mode;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Position;
import io.kumki.core.model.Safety;
import io.kumki.core.model.Tenure;
import io.kumki.core.model.View;
import io.kumki.core.model.Wishes;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The records that a change of the leader writes. Values in, values out. */
final class Tenancy {
    private Tenancy() {}

    /**
     * When and why we stood for election.
     *
     * @param at milliseconds since 1970
     */
    record Moment(long at, String because) {}

    static ClusterRecord found(View view, Found found, String renewal, long at) {
        var self = view.self();
        var position =
                view.local().server() instanceof Primary primary
                        ? primary.position()
                        : new Position(1, Lsn.ZERO);
        var agreed = configured(view);
        return new ClusterRecord(
                view.settings().cluster(),
                found.systemId(),
                new Tenure(1, self, renewal, false, Optional.empty(), agreed.ttl()),
                position,
                new Safety(agreed.mode(), Set.of(self)),
                Wishes.NONE,
                List.of(
                        new Episode(
                                1,
                                self,
                                found.cause(),
                                "a new cluster",
                                at,
                                new Episode.Timing(0, 0, 0),
                                true,
                                position,
                                Optional.empty())),
                Optional.of(agreed));
    }

    /** What the founder's configuration says: the other nodes go by it from now on. */
    private static Agreed configured(View view) {
        var voters = new TreeSet<>(view.members());
        voters.add(view.self());
        return new Agreed(view.settings().timing().ttl(), view.settings().mode(), voters);
    }

    /**
     * Ours, one term later. Who was safe is not any more, because we shall acknowledge commits that
     * they lack; except where our primary never stopped and goes on waiting for its standby.
     */
    static ClusterRecord acquired(View view, Campaign campaign, String renewal, Moment moment) {
        var before = view.register().orElseThrow();
        long term = before.tenure().term() + 1;
        boolean running = runs(view.local().server());
        var next =
                before.with(
                                new Tenure(
                                        term,
                                        view.self(),
                                        renewal,
                                        false,
                                        Optional.empty(),
                                        before.nextTtl(view.settings().timing().ttl())))
                        .with(
                                new Wishes(
                                        before.wishes().paused(),
                                        Optional.empty(),
                                        Optional.empty()));
        if (running) {
            return next;
        }
        long age = view.lease() instanceof Lease.Free free ? free.age() : 0;
        return next.with(new Safety(view.settings().mode(), Set.of(view.self())))
                .adding(
                        new Episode(
                                term,
                                view.self(),
                                campaign.cause(),
                                moment.because(),
                                moment.at(),
                                new Episode.Timing(age, 0, 0),
                                isSafe(before, view.self()),
                                before.position(),
                                Optional.empty()));
    }

    /** As a primary, whether it lets us in or not. */
    private static boolean runs(LocalServer server) {
        return server instanceof Primary
                || server instanceof LocalServer.Unreachable closed && closed.primary();
    }

    /** The last leader lacks nothing, nor does a node that its commits waited for. */
    private static boolean isSafe(ClusterRecord before, NodeId self) {
        boolean lackedNothing =
                before.latest().map(e -> e.safe() || e.opened().isPresent()).orElse(true);
        // Forced, and its term ended before it opened: what it lacks is as lost in the next one.
        if (before.heldBy(self) && !lackedNothing) {
            return false;
        }
        return before.heldBy(self)
                || before.tenure().releasedTo().equals(Optional.of(self))
                        && before.wishes()
                                .switchover()
                                .filter(s -> before.heldBy(s.from()) && s.to().equals(self))
                                .isPresent()
                || before.safety().mode() == Mode.SYNC && before.safety().safe().contains(self);
    }

    /**
     * A server that was shut down tells its last position exactly. A switchover that was ordered is
     * the reason only where its target has all of that; else this is a failure meanwhile, and what
     * the target lacks is lost.
     */
    static ClusterRecord released(
            View view, ClusterRecord record, Release release, String renewal) {
        var given = record.released(release.to(), renewal);
        var wishes = record.wishes();
        var unordered = given.with(new Wishes(wishes.paused(), Optional.empty(), wishes.forced()));
        if (!(view.local().server() instanceof Stopped stopped)
                || !stopped.remains().cleanPrimary()) {
            return unordered;
        }
        var last = stopped.remains().checkpoint();
        boolean drained =
                release.to()
                        .flatMap(view::peer)
                        .filter(p -> p.server() instanceof LocalServer.Replica)
                        .map(p -> (LocalServer.Replica) p.server())
                        .filter(r -> last.isBefore(r.position().lsn()))
                        .isPresent();
        return (drained ? given : unordered).with(new Position(stopped.remains().timeline(), last));
    }

    /**
     * @param timing of the election and the promotion, which the first receipt brings
     */
    static ClusterRecord receipted(ClusterRecord record, Receipt receipt, Episode.Timing timing) {
        return record.amending(
                receipt.term(),
                e ->
                        new Episode(
                                e.term(),
                                e.leader(),
                                e.cause(),
                                e.reason(),
                                e.at(),
                                e.opened().isPresent()
                                        ? e.timing()
                                        : new Episode.Timing(
                                                e.timing().detection(),
                                                timing.election(),
                                                timing.promotion()),
                                e.safe(),
                                e.before(),
                                Optional.of(receipt.opened())));
    }

    static ClusterRecord withoutWishes(ClusterRecord record) {
        return record.with(
                new Wishes(record.wishes().paused(), Optional.empty(), Optional.empty()));
    }
}
