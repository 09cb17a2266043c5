package io.kumki.agent;

import io.kumki.agent.port.Catalog;
import io.kumki.agent.port.Clock;
import io.kumki.agent.port.PeerBoard;
import io.kumki.agent.port.PeerBoard.Heard;
import io.kumki.agent.port.Publisher;
import io.kumki.agent.port.RecordCodec;
import io.kumki.agent.port.Register;
import io.kumki.agent.port.ServerControl;
import io.kumki.agent.port.Timer;
import io.kumki.core.consensus.LeaseRule;
import io.kumki.core.model.Action;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Decision;
import io.kumki.core.model.Doors;
import io.kumki.core.model.Handover;
import io.kumki.core.model.HostPort;
import io.kumki.core.model.Lease;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Position;
import io.kumki.core.model.Rule;
import io.kumki.core.model.Settings;
import io.kumki.core.model.View;
import io.kumki.core.policy.Policy;
import io.kumki.core.policy.Switching;
import io.kumki.core.routing.ReplicaFitness;
import io.kumki.core.routing.Routing;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The line: observe, report, decide, act, publish. Nothing else starts an action; everybody else
 * leaves a fact and pokes.
 *
 * <p>All of it runs on one thread, in the agent as in the simulator, where every port is simulated
 * and time is virtual.
 */
public final class HaLoop {
    private static final Duration LONGEST_TICK = Duration.ofSeconds(5);
    private static final long SHORTEST_TICK = 20;
    private static final long HANDOVER_TICK = 50;

    private final Identity identity;
    private final Ports ports;
    private final LeaseRule own;
    private final LeaseKeeper keeper;
    private final Observer observer;
    private final ActionRunner actions;
    private LocalServer seen = new LocalServer.Empty();
    private Report.Verdict verdict = new Report.Verdict("", "");
    private boolean draining;
    private Routing routing;

    /** By what was last known to be agreed on: that holds while nobody can be asked. */
    private Settings settings;

    private View.Streak streak = new View.Streak("", 0);
    private long streakSince;
    private boolean ticking;
    private boolean again;
    private boolean stopped;
    private long wakeups;
    private long ticks;
    private long lastBegan;

    /**
     * Who we are.
     *
     * @param limits how far a replica may trail and still get reads
     * @param tick milliseconds between two ticks
     * @param look milliseconds that a tick and its poll may take together
     */
    public record Identity(
            Settings settings,
            TreeSet<NodeId> voters,
            HostPort address,
            String incarnation,
            ReplicaFitness.Limits limits,
            long tick,
            long look) {}

    /**
     * The world, real or simulated. Witnesses have a server control and a catalog of nothing.
     *
     * @param wallClock milliseconds since 1970, for people only
     * @param voter the state of our own acceptor
     * @param doors those beside this agent, if there are any
     * @param trouble told of a tick that failed: a bug, and the next tick goes on all the same
     */
    public record Ports(
            Clock clock,
            Timer timer,
            LongSupplier wallClock,
            Catalog catalog,
            ServerControl control,
            PeerBoard peers,
            Register register,
            Supplier<Report.Voter> voter,
            Supplier<Optional<Doors>> doors,
            RecordCodec codec,
            Publisher publisher,
            Consumer<Throwable> trouble) {}

    public HaLoop(Identity identity, Ports ports) {
        this.identity = identity;
        this.ports = ports;
        this.settings = identity.settings();
        this.own = new LeaseRule(identity.settings().timing().ttl());
        this.observer = new Observer(ports.clock().uptime());
        this.routing = Routing.start(identity.limits());
        this.keeper =
                new LeaseKeeper(
                        identity.settings().self(),
                        identity.incarnation(),
                        own,
                        ports.register(),
                        ports.codec(),
                        ports.control(),
                        ports.clock(),
                        ports.timer(),
                        this::poke);
        this.actions =
                new ActionRunner(
                        keeper, ports.control(), ports.catalog(), ports.clock(), this::poke);
    }

    public void start() {
        keeper.start();
        tick();
    }

    /** No further tick or renewal begins. A lease that we hold runs out. */
    public void stop() {
        stopped = true;
        keeper.stop();
    }

    /** A fact has arrived: look now, or once more if a tick is under way. */
    public void poke() {
        if (ticking) {
            again = true;
        } else {
            wake(0);
        }
    }

    /** Facts may come fast, from peers that refuse each other for one: ticks keep a distance. */
    private void wake(long millis) {
        long mine = ++wakeups;
        long distance = lastBegan + SHORTEST_TICK - ports.clock().uptime();
        ports.timer()
                .after(
                        Duration.ofMillis(Math.max(millis, distance)),
                        () -> {
                            if (mine == wakeups) {
                                tick();
                            }
                        });
    }

    private void tick() {
        if (ticking || stopped) {
            return;
        }
        long began = ports.clock().uptime();
        long mine = ++ticks;
        lastBegan = began;
        ticking = true;
        again = false;
        ports.timer().after(LONGEST_TICK, () -> giveUp(mine));
        Uni.createFrom()
                .deferred(this::observe)
                .chain(server -> ports.peers().exchange(report(server)))
                .map(heard -> isCurrent(mine) ? decide(heard, began) : began)
                .subscribe()
                .with(
                        due -> finish(mine, due),
                        failure -> {
                            ports.trouble().accept(failure);
                            finish(mine, began + identity.tick());
                        });
    }

    private Uni<LocalServer> observe() {
        boolean worthAsking =
                switch (ports.control().state().server()) {
                    case "empty", "stopped", "crashed", "none" -> false;
                    default -> true;
                };
        var reading =
                worthAsking
                        ? ports.catalog().poll()
                        : Uni.createFrom()
                                .item(
                                        (LocalServer)
                                                new LocalServer.Unreachable(
                                                        "not running", 0, false));
        return reading.map(
                answer ->
                        observer.observe(ports.control().state(), answer, ports.clock().uptime()));
    }

    private Report report(LocalServer server) {
        seen = server;
        var file = identity.settings();
        return new Report(
                file.cluster(),
                file.self(),
                identity.incarnation(),
                ticks,
                identity.voters(),
                new Report.Body(
                        file.witness(),
                        identity.address(),
                        file.standing(),
                        server,
                        ports.control().state().runner(),
                        handover()),
                ports.voter().get(),
                verdict,
                Optional.of(
                        new Report.Configured(file.timing().ttl(), file.mode(), identity.look())));
    }

    /** Decides, acts and publishes; returns when the next tick is due, in uptime milliseconds. */
    private long decide(List<Heard> heard, long began) {
        var view = view(heard);
        var decision = Policy.decide(view);
        note(decision);
        if (wantsLease(view, decision)) {
            keeper.keep(position(), view.local().server().systemIdentifier().orElse(""));
        }
        routing = routing.after(view, ports.clock().uptime());
        long wall = ports.wallClock().getAsLong();
        actions.run(view, decision, wall);
        var reports = new ArrayList<Report>();
        reports.add(report(seen));
        heard.forEach(h -> reports.add(h.report()));
        ports.publisher()
                .publish(
                        new Snapshot(
                                view,
                                decision,
                                reports,
                                routing,
                                wall,
                                ports.clock().uptime() - began));
        return due(view, began);
    }

    private View view(List<Heard> heard) {
        var words = new ArrayList<RegisterView.Word>();
        words.add(new RegisterView.Word(identity.settings().self(), ports.voter().get(), 0));
        heard.forEach(
                h ->
                        words.add(
                                new RegisterView.Word(
                                        h.report().node(), h.report().voter(), h.age())));
        var register = RegisterView.of(words, identity.voters().size(), ports.codec());
        keeper.saw(register);
        var lease = lease(register);
        var record =
                lease instanceof Lease.Mine ? keeper.known() : register.newest().or(keeper::known);
        record.flatMap(ClusterRecord::agreed)
                .ifPresent(agreed -> settings = identity.settings().goingBy(agreed));
        var members = new TreeSet<>(identity.voters());
        members.remove(identity.settings().self());
        return new View(
                settings,
                members,
                record,
                lease,
                new View.Local(
                        identity.address(), seen, ports.control().state().runner(), handover()),
                heard.stream().map(h -> h.report().toPeer()).toList(),
                observer.proof(),
                new View.Streak(streak.rule(), ports.clock().uptime() - streakSince));
    }

    /**
     * With voters too far from those that the register knows, nobody here may stand for election.
     */
    private Lease lease(RegisterView register) {
        var lease = register.lease(identity.settings().self(), own, keeper.held());
        return lease instanceof Lease.Mine
                ? lease
                : register.newest()
                        .flatMap(ClusterRecord::agreed)
                        .flatMap(a -> a.objection(identity.voters()))
                        .<Lease>map(Lease.Unknown::new)
                        .orElse(lease);
    }

    private Handover handover() {
        return new Handover(draining, ports.doors().get());
    }

    private void note(Decision decision) {
        var id = decision.rule().id();
        long now = ports.clock().uptime();
        if (!id.equals(streak.rule())) {
            streakSince = now;
        }
        streak = new View.Streak(id, now - streakSince);
        verdict = new Report.Verdict(id, decision.because());
        draining = Switching.draining(decision.rule());
    }

    private static boolean wantsLease(View view, Decision decision) {
        return view.lease() instanceof Lease.Mine
                && !(decision.action() instanceof Action.Release)
                && !(decision.action() instanceof Action.Lapse);
    }

    private Optional<Position> position() {
        return seen instanceof Primary primary ? Optional.of(primary.position()) : Optional.empty();
    }

    /** Instants that clients wait for are not left to the beat of the ticks. */
    private long due(View view, long began) {
        long tick = began + (draining || handingOver(view) ? HANDOVER_TICK : identity.tick());
        boolean commitsWait = streak.rule().equals(Rule.Y19_STANDBY_AWAY.id());
        long next =
                commitsWait
                        ? Math.min(tick, streakSince + view.settings().timing().degradeAfter())
                        : tick;
        if (view.lease() instanceof Lease.Theirs theirs) {
            long free = view.leaseTtl() * 105 / 100 - theirs.age() + 5;
            long now = ports.clock().uptime();
            return free > 0 ? Math.min(next, now + free) : next;
        }
        return next;
    }

    /** Between the stop of the old primary and the lease each side waits for the other's word. */
    private static boolean handingOver(View view) {
        return view.register().filter(r -> r.wishes().switchover().isPresent()).isPresent()
                && !(view.local().server() instanceof Primary)
                && view.peers().stream().noneMatch(p -> p.server() instanceof Primary);
    }

    /**
     * Every part of a tick has a deadline. Should one fail to keep it, or the process have stood
     * still, the next tick must come.
     */
    private void giveUp(long tick) {
        if (isCurrent(tick)) {
            ports.trouble().accept(new TimeoutException("a tick took over " + LONGEST_TICK));
            finish(tick, 0);
        }
    }

    /** A tick that was given up must not act on what it saw so long ago. */
    private boolean isCurrent(long tick) {
        return ticking && tick == ticks;
    }

    private void finish(long tick, long due) {
        if (!isCurrent(tick)) {
            return;
        }
        ticking = false;
        wake(again ? 0 : Math.max(1, due - ports.clock().uptime()));
    }
}
