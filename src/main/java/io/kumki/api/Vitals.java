package io.kumki.api;

import io.kumki.agent.Snapshot;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Lease;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.LocalServer.Replica;
import io.kumki.core.model.Mode;
import io.kumki.core.model.Settings;
import io.kumki.core.model.View;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What load balancers and supervisors are told: values in, answers out.
 *
 * @param last the last finished tick; empty before the first one
 * @param age milliseconds since it was published, or since the agent's start
 * @param withheld limits that this replica exceeded and does not keep for long enough yet, and why
 */
public record Vitals(
        Settings settings, Optional<Snapshot> last, long age, Map<LagLimit, String> withheld) {
    private static final long LIVE_MILLIS = 5000;

    /**
     * @param reason one sentence for people
     */
    public record Answer(boolean up, String role, String reason) {}

    /** The lease is ours at this very moment, and PostgreSQL accepts writes under it. */
    public Answer primary() {
        return fresh(this::primary);
    }

    private Answer primary(View view) {
        if (!(view.lease() instanceof Lease.Mine mine)) {
            return down(view, "the lease is not ours");
        }
        long remaining = mine.remaining() - age;
        if (remaining <= 0) {
            return down(view, "our lease has ended");
        }
        if (view.local().server() instanceof LocalServer.Unreachable closed
                && closed.writes(view.local().runner(), mine.term())) {
            return up(
                    view,
                    "term %d, lease valid for %d ms; the server refuses only the agent: %s"
                            .formatted(mine.term(), remaining, closed.reason()));
        }
        if (!(view.local().server() instanceof Primary)) {
            return down(view, "the lease is ours, the server is no primary yet");
        }
        long armed = view.local().runner().armed();
        return armed == mine.term()
                ? up(view, "term %d, lease valid for %d ms".formatted(mine.term(), remaining))
                : down(view, "the runner guards term %d, ours is %d".formatted(armed, mine.term()));
    }

    /** A running replica that is not being promoted, and within the limit if there is one. */
    public Answer replica(LagLimit limit) {
        return fresh(view -> replica(view, limit));
    }

    private Answer replica(View view, LagLimit limit) {
        if (view.lease() instanceof Lease.Mine) {
            return down(view, "the lease is ours");
        }
        return view.local().server() instanceof Replica replica
                ? returned(view, limit, within(view, replica, limit))
                : down(view, "the server is no running replica");
    }

    /** A replica that was withdrawn returns late, so that balancers do not flap. */
    private Answer returned(View view, LagLimit limit, Answer now) {
        return now.up() && withheld.containsKey(limit) ? down(view, withheld.get(limit)) : now;
    }

    private Answer within(View view, Replica replica, LagLimit limit) {
        var stopped = last.orElseThrow().routing().stopped(replica);
        if (stopped.isPresent()) {
            return down(view, stopped.get());
        }
        if (limit.bytes().isPresent()) {
            var behind = Trail.bytes(view, replica);
            if (behind.isEmpty()) {
                return down(view, "how far the leader is, or on which timeline, is not known");
            }
            var numbers =
                    "%d bytes behind, %d allowed"
                            .formatted(behind.getAsLong(), limit.bytes().getAsLong());
            return behind.getAsLong() <= limit.bytes().getAsLong()
                    ? up(view, numbers)
                    : down(view, numbers);
        }
        if (limit.millis().isPresent()) {
            long behind = last.orElseThrow().routing().age(replica).toMillis();
            var numbers = "%d ms behind, %d allowed".formatted(behind, limit.millis().getAsLong());
            return replica.streaming() && behind <= limit.millis().getAsLong()
                    ? up(view, numbers)
                    : down(view, replica.streaming() ? numbers : "it does not stream");
        }
        return up(view, replica.streaming() ? "streams" : "does not stream");
    }

    /** The rule for replicas, or for the primary. */
    public Answer readOnly(LagLimit limit) {
        var primary = primary();
        return primary.up() ? primary : replica(limit);
    }

    /** A streaming replica that holds every acknowledged commit. */
    public Answer sync() {
        return fresh(
                view -> {
                    var replica = replica(view, LagLimit.NONE);
                    if (!replica.up()) {
                        return replica;
                    }
                    if (!safe(view)) {
                        return down(view, "not called safe to promote by the register");
                    }
                    return streams(view)
                            ? up(view, "safe to promote")
                            : down(view, "it does not stream");
                });
    }

    /** A replica that may lack acknowledged commits. */
    public Answer async(LagLimit limit) {
        return fresh(
                view ->
                        safe(view)
                                ? down(view, "it is the synchronous standby")
                                : replica(view, limit));
    }

    private static boolean safe(View view) {
        return view.register()
                .map(ClusterRecord::safety)
                .filter(s -> s.mode() == Mode.SYNC && s.safe().contains(view.self()))
                .isPresent();
    }

    private static boolean streams(View view) {
        return view.local().server() instanceof Replica replica && replica.streaming();
    }

    /** PostgreSQL answers, as primary or replica. */
    public Answer health() {
        return fresh(
                view ->
                        switch (view.local().server()) {
                            case Primary p -> up(view, "the server answers");
                            case Replica r -> up(view, "the server answers");
                            case LocalServer.Unreachable u -> down(view, u.reason());
                            case LocalServer.Starting s -> down(view, "the server starts");
                            case LocalServer.Stopping s -> down(view, "the server stops");
                            case LocalServer.Stopped s -> down(view, "the server is stopped");
                            case LocalServer.Empty e -> down(view, "no server here");
                        });
    }

    /** Ticks run; says nothing of PostgreSQL. A restart of the agent is the cure if not. */
    public Answer liveness() {
        long limit = Math.max(LIVE_MILLIS, 2 * settings.timing().ttl());
        return new Answer(
                age < limit,
                role(),
                "the last tick was %d ms ago, %d allowed".formatted(age, limit));
    }

    /** The leader, or a streaming replica within the limit, or a witness that votes. */
    public Answer readiness(LagLimit limit) {
        return settings.witness() ? voting() : serving(limit);
    }

    private Answer voting() {
        return fresh(
                view -> {
                    var voter = last.orElseThrow().reports().get(0).voter();
                    return voter.votes() ? up(view, "votes") : down(view, voter.reason());
                });
    }

    private Answer serving(LagLimit limit) {
        var primary = primary();
        return primary.up()
                ? primary
                : fresh(
                        view -> {
                            var replica =
                                    replica(
                                            view,
                                            limit.given()
                                                    ? limit
                                                    : LagLimit.ofBytes(settings.maxLag()));
                            return replica.up() && !streams(view)
                                    ? down(view, "it does not stream")
                                    : replica;
                        });
    }

    /** A view older than the lease says nothing about now. */
    private Answer fresh(Function<View, Answer> judge) {
        if (last.isEmpty()) {
            return new Answer(false, role(), "no tick has ended yet");
        }
        return age > settings.timing().ttl()
                ? new Answer(false, role(), "the last tick was " + age + " ms ago")
                : judge.apply(last.get().view());
    }

    private String role() {
        return last.map(s -> Role.own(s.view()).word()).orElse("unknown");
    }

    private static Answer up(View view, String reason) {
        return new Answer(true, Role.own(view).word(), reason);
    }

    private static Answer down(View view, String reason) {
        return new Answer(false, Role.own(view).word(), reason);
    }
}
