package io.kumki.core.policy;

import static io.kumki.core.policy.Policy.hold;

import io.kumki.core.model.Action.BeStandby;
import io.kumki.core.model.Action.Clone;
import io.kumki.core.model.Action.Rewind;
import io.kumki.core.model.Action.Source;
import io.kumki.core.model.Action.Stop;
import io.kumki.core.model.Decision;
import io.kumki.core.model.Lease;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.LocalServer.Replica;
import io.kumki.core.model.LocalServer.Slot;
import io.kumki.core.model.LocalServer.Stopped;
import io.kumki.core.model.Lsn;
import io.kumki.core.model.Peer;
import io.kumki.core.model.Rule;
import io.kumki.core.model.Runner;
import io.kumki.core.model.Runner.Result;
import io.kumki.core.model.View;
import java.util.Optional;
import java.util.stream.Stream;

/** Another node leads: be its standby. */
final class Following {
    /** Milliseconds between two looks of a runner at a running server's history, and more. */
    private static final long READ = 11_000;

    private Following() {}

    static Decision decide(View view, Lease.Theirs theirs) {
        var server = view.local().server();
        if (server instanceof Primary) {
            return new Decision(
                    Rule.F11_SUPERSEDED,
                    new Stop(true),
                    "%s leads term %d".formatted(theirs.holder(), theirs.term()));
        }
        var runner = view.local().runner();
        if (runner.openedShort() && server instanceof Stopped) {
            return hold(Rule.F37_OPENED_SHORT, runner.error());
        }
        if (runner.result() == Result.RUNNING
                && (runner.order().equals("clone") || runner.order().equals("rewind"))
                && isFrom(runner, view.peer(theirs.holder()))) {
            return hold(Rule.F35_WORKING, progress(runner));
        }
        var leader = view.peer(theirs.holder());
        if (leader.isEmpty() || !(leader.get().server() instanceof Primary primary)) {
            return leader.filter(l -> writesUnseen(l, theirs)).isPresent()
                    ? behindUnseen(view, leader.get())
                    : beforeLeader(view, theirs);
        }
        return behind(view, leader.get(), primary);
    }

    private static String progress(Runner runner) {
        var work = runner.work();
        var job = work.job().orElse(runner.order());
        return work.total() > 0
                ? "%s: %d of %d bytes".formatted(job, work.bytes(), work.total())
                : job + " under way";
    }

    /** A clone of a former leader may hang with it; the present one is at hand. */
    private static boolean isFrom(Runner runner, Optional<Peer> leader) {
        return runner.source().isEmpty()
                || leader.isEmpty()
                || runner.source().equals(leader.get().address().toString());
    }

    private static boolean writesUnseen(Peer leader, Lease.Theirs theirs) {
        return leader.server() instanceof LocalServer.Unreachable u
                && u.writes(leader.runner(), theirs.term());
    }

    /**
     * The leader's server refuses its own agent: where it is now nobody says, so only what needs no
     * such word is done.
     */
    private static Decision behindUnseen(View view, Peer leader) {
        var source = new Source(leader.node(), leader.address());
        var record = view.register().orElseThrow();
        var why = leader.node() + " leads; its server refuses its agent";
        boolean kin =
                view.local()
                        .server()
                        .systemIdentifier()
                        .filter(record.systemId()::equals)
                        .isPresent();
        boolean pointed = view.local().runner().source().equals(source.address().toString());
        if (view.local().server() instanceof Replica replica && kin) {
            if (replica.streaming() && follows(replica, source)) {
                return hold(Rule.F10_FOLLOWING, why);
            }
            return !pointed && replica.position().timeline() == record.position().timeline()
                    ? follow(source)
                    : hold(Rule.F22_NOT_STREAMING, why);
        }
        return view.local().server() instanceof Stopped stopped
                        && kin
                        && !stopped.remains().wasPrimary()
                        && !record.wishes().paused()
                ? new Decision(Rule.F23_REJOIN, new BeStandby(Optional.of(source)), why)
                : hold(Rule.F12_LEADER_NOT_READY, why);
    }

    /** A standby that is up can be promoted if the leader never comes; one that is down can't. */
    private static Decision beforeLeader(View view, Lease.Theirs theirs) {
        var record = view.register().orElseThrow();
        boolean startable =
                view.local().server() instanceof Stopped stopped
                        && !stopped.remains().wasPrimary()
                        && stopped.remains().systemId().equals(record.systemId())
                        && !record.wishes().paused();
        return startable
                ? new Decision(
                        Rule.V23_START_STANDBY,
                        new BeStandby(Optional.empty()),
                        theirs.holder() + " accepts no writes yet")
                : hold(Rule.F12_LEADER_NOT_READY, theirs.holder() + " accepts no writes yet");
    }

    private static Decision behind(View view, Peer leader, Primary primary) {
        var source = new Source(leader.node(), leader.address());
        var foreign =
                view.local()
                        .server()
                        .systemIdentifier()
                        .filter(id -> !id.equals(primary.systemId()));
        if (foreign.isPresent()) {
            return hold(
                    Rule.F33_FOREIGN,
                    "system identifier is %s, the leader's is %s"
                            .formatted(foreign.get(), primary.systemId()));
        }
        if (view.register().map(r -> r.wishes().paused()).orElse(false)
                && !(view.local().server() instanceof Replica)) {
            return hold(Rule.F36_PAUSED, "paused by an operator");
        }
        return switch (view.local().server()) {
            case Replica replica -> asReplica(view, leader, primary, replica);
            case Stopped stopped -> asStopped(view, leader, primary, stopped);
            case LocalServer.Empty e ->
                    new Decision(Rule.F30_CLONE, new Clone(source), "no data here" + before(view));
            case LocalServer.Starting s ->
                    view.local().runner().source().equals(source.address().toString())
                            ? hold(Rule.F14_STARTING, "for " + s.since() + " ms")
                            : follow(source);
            case LocalServer.Stopping s -> hold(Rule.F16_STOPPING, "for " + s.since() + " ms");
            case LocalServer.Unreachable u -> Policy.holdUnanswered(Rule.F15_UNREACHABLE, view, u);
            case Primary p -> throw new IllegalStateException("handled before");
        };
    }

    private static Decision asReplica(View view, Peer leader, Primary primary, Replica replica) {
        var source = new Source(leader.node(), leader.address());
        boolean pointed = view.local().runner().source().equals(source.address().toString());
        if (replica.streaming() && follows(replica, source)) {
            return pointed ? streaming(view, source, primary, replica) : follow(source);
        }
        int mine = replica.position().timeline();
        int theirs = primary.position().timeline();
        if (mine > theirs
                || mine < theirs && leader.runner().forkOf(mine).isEmpty()
                || isTwin(view, leader, mine, theirs)) {
            return unrelated(view, leader, primary, mine, Rule.F20_DIVERGED);
        }
        var parting = parting(view, leader, primary, mine);
        if (parting.filter(p -> p.isBefore(replica.position().lsn())).isPresent()) {
            return rewind(view, leader, primary, parting.get(), Rule.F20_DIVERGED);
        }
        return pointed ? notStreaming(view, source, primary, replica) : follow(source);
    }

    private static Decision streaming(View view, Source source, Primary primary, Replica replica) {
        long behind = replica.position().lsn().bytesBehind(primary.position().lsn());
        var trouble = stopped(view, replica);
        return trouble.filter(d -> d.rule() == Rule.F19_RAISE_SETTINGS)
                .or(() -> SlotRule.onStandby(view, replica))
                .or(() -> trouble)
                .orElseGet(
                        () ->
                                hold(
                                        Rule.F10_FOLLOWING,
                                        "%s, %d bytes behind".formatted(source.node(), behind)));
    }

    /**
     * A replay that a person paused is not resumed, but by a promotion. One that paused for its
     * settings is, by a restart: where nothing else is under way, as commits wait for it meanwhile.
     */
    private static Optional<Decision> stopped(View view, Replica replica) {
        var replay = replica.replay();
        var trouble = replay.flatMap(r -> r.trouble(view.settings().timing().patience()));
        if (trouble.isEmpty()) {
            return Optional.empty();
        }
        var wishes = view.register().orElseThrow().wishes();
        boolean seen =
                view.streak().rule().equals(Rule.F19_RAISE_SETTINGS.id())
                        || view.streak().rule().equals(Rule.F18_REPLAY_STOPPED.id())
                                && view.streak().millis() > view.settings().timing().grace();
        boolean calm =
                !wishes.paused() && wishes.switchover().isEmpty() && wishes.forced().isEmpty();
        return Optional.of(
                replay.get().endsWithRestart() && seen && calm
                        ? new Decision(
                                Rule.F19_RAISE_SETTINGS, new Stop(false), replay.get().lacking())
                        : hold(Rule.F18_REPLAY_STOPPED, trouble.get()));
    }

    /** One timeline number with two pasts: two promotions unknown to each other. */
    private static boolean isTwin(View view, Peer leader, int mine, int theirs) {
        return mine == theirs
                && Lineage.differ(view.local().runner().history(), leader.runner().history());
    }

    /**
     * Also where it streams already, but by somebody else's settings: without its name and slot.
     */
    private static Decision follow(Source source) {
        return new Decision(
                Rule.F21_FOLLOW,
                new BeStandby(Optional.of(source)),
                source.node() + " leads at " + source.address());
    }

    private static boolean follows(Replica replica, Source source) {
        return replica.receiver()
                .filter(r -> r.host().equals(source.address().host()))
                .filter(r -> r.port() == source.address().port())
                .isPresent();
    }

    /** The WAL that it needs is gone where the leader gave its slot up. */
    private static Decision notStreaming(
            View view, Source source, Primary primary, Replica replica) {
        var slot =
                primary.slots().stream()
                        .filter(s -> s.name().equals(view.self().slot()))
                        .findFirst();
        boolean waited =
                view.streak().rule().equals(Rule.F31_RECLONE.id())
                        || view.streak().rule().equals(Rule.F22_NOT_STREAMING.id())
                                && view.streak().millis() > view.settings().timing().patience();
        boolean lost =
                slot.filter(Slot::lost).isPresent()
                        || waited
                                && slot.filter(s -> !s.active())
                                        .filter(s -> replica.position().lsn().isBefore(s.restart()))
                                        .isPresent();
        return lost
                ? new Decision(
                        Rule.F31_RECLONE,
                        new Clone(source),
                        source.node() + " has removed the WAL that is needed here" + before(view))
                : hold(Rule.F22_NOT_STREAMING, "pointed at " + source.address() + before(view));
    }

    private static Decision asStopped(View view, Peer leader, Primary primary, Stopped stopped) {
        var source = new Source(leader.node(), leader.address());
        var remains = stopped.remains();
        if (!remains.wasPrimary()) {
            return new Decision(
                    Rule.F23_REJOIN,
                    new BeStandby(Optional.of(source)),
                    "it was a standby" + before(view));
        }
        if (leader.runner().forkOf(remains.timeline()).isEmpty()) {
            return unrelated(view, leader, primary, remains.timeline(), Rule.F24_REWIND);
        }
        var parting = parting(view, leader, primary, remains.timeline()).orElseThrow();
        if (remains.cleanPrimary() && remains.checkpoint().isBefore(parting)) {
            return new Decision(
                    Rule.F23_REJOIN,
                    new BeStandby(Optional.of(source)),
                    "shut down at %s, before the ways part at %s"
                            .formatted(remains.checkpoint(), parting));
        }
        return rewind(view, leader, primary, parting, Rule.F24_REWIND);
    }

    /** Why it is needed again: what the runner said of the attempt before, or of the crash. */
    private static String before(View view) {
        var trouble = view.local().runner().trouble();
        return trouble.isEmpty() ? "" : "; before: " + trouble;
    }

    private static Decision rewind(
            View view, Peer leader, Primary primary, Lsn parting, Rule rule) {
        var source = new Source(leader.node(), leader.address());
        if (view.local().runner().failed("rewind") || view.local().runner().failed("clone")) {
            return new Decision(Rule.F31_RECLONE, new Clone(source), view.local().runner().error());
        }
        if (primary.controlTimeline() < primary.position().timeline()) {
            return hold(
                    Rule.F34_WAIT_CHECKPOINT,
                    source.node() + " has not checkpointed since its promotion");
        }
        return new Decision(rule, new Rewind(source, parting), "the ways part at " + parting);
    }

    /**
     * Where this directory's way and the leader's part. Our runner reads our history every ten
     * seconds: while our timeline is in the leader's past, only what contradicts that counts.
     */
    private static Optional<Lsn> parting(View view, Peer leader, Primary primary, int mine) {
        var ours = view.local().runner().history();
        var theirs = leader.runner().history();
        var fork = leader.runner().forkOf(mine);
        return fork.isPresent() && !Lineage.differ(ours, theirs)
                ? fork
                : new Lineage(ours, mine)
                        .parting(new Lineage(theirs, primary.position().timeline()))
                        .or(() -> fork);
    }

    /**
     * Our timeline is not in the leader's past, as after a forced failover to a node that was away
     * while we led. The leader's runner reads its history a moment after the promotion: what costs
     * us WAL can wait for it, and for our own runner's next look. Then the last place that both
     * passed decides; where there is none, pg_rewind can't help.
     */
    private static Decision unrelated(
            View view, Peer leader, Primary primary, int mine, Rule rule) {
        var streak = view.streak().rule();
        long wait =
                2 * view.settings().timing().grace()
                        + (view.local().server() instanceof Replica ? READ : 0);
        boolean waited =
                Stream.of(Rule.F31_RECLONE, rule, Rule.F34_WAIT_CHECKPOINT, Rule.F35_WORKING)
                                .anyMatch(r -> streak.equals(r.id()))
                        || streak.equals(Rule.F17_NO_COMMON_PAST.id())
                                && view.streak().millis() > wait;
        if (!waited) {
            return hold(
                    Rule.F17_NO_COMMON_PAST,
                    "%s's history does not tell of timeline %d yet".formatted(leader.node(), mine));
        }
        int theirs = primary.position().timeline();
        var parting = parting(view, leader, primary, mine).filter(p -> mine != theirs);
        if (parting.isPresent()) {
            return rewind(view, leader, primary, parting.get(), rule);
        }
        return new Decision(
                Rule.F31_RECLONE,
                new Clone(new Source(leader.node(), leader.address())),
                "timeline %d and the leader's timeline %d have no common past%s"
                        .formatted(mine, theirs, before(view)));
    }
}
