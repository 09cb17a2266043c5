package io.kumki.api;

import io.kumki.agent.CrashWatch;
import io.kumki.agent.Snapshot;
import io.kumki.agent.StatusBoard;
import io.kumki.core.model.Archiving;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Episode.Cause;
import io.kumki.core.model.Lease;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.LocalServer.Replica;
import io.kumki.core.model.Rule;
import io.kumki.core.model.View;
import io.kumki.core.policy.Outlook.Fault;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.quarkus.runtime.Startup;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;

/** The numbers of /q/metrics; docs/METRICS.md. NaN: not known. */
@Startup
@Singleton
public final class Metrics {
    private final MeterRegistry meters;
    private final StatusBoard board;
    private final Pulse pulse;
    private final Timer ticks;
    private long countedTerm = -1;
    private volatile long failovers;
    private volatile long cancelled;
    private CrashWatch crashes = CrashWatch.NONE;
    private final Map<CrashWatch.By, AtomicLong> crashed = new EnumMap<>(CrashWatch.By.class);

    public Metrics(MeterRegistry meters, StatusBoard board, Pulse pulse) {
        this.meters = meters;
        this.board = board;
        this.pulse = pulse;
        this.ticks = Timer.builder("kumki.tick").description("duration of a tick").register(meters);
        for (var by : CrashWatch.By.values()) {
            crashed.put(by, new AtomicLong());
        }
        roles();
        lease();
        server();
        inside();
        machine();
        archive();
        cluster();
        counters();
        board.tell(this::note);
    }

    private void note(Snapshot snapshot) {
        ticks.record(Duration.ofMillis(snapshot.took()));
        snapshot.view().register().ifPresent(this::countFailovers);
        if (snapshot.view().local().server() instanceof Primary primary) {
            cancelled = Math.max(cancelled, primary.synchronous().cancelled());
        }
        crashes = crashes.after(snapshot);
        crashes.crash().ifPresent(crash -> crashed.get(crash.by()).incrementAndGet());
    }

    /** Those that came after the first record that this process saw. */
    private void countFailovers(ClusterRecord known) {
        long newest = known.tenure().term();
        if (countedTerm >= 0) {
            failovers +=
                    known.history().stream()
                            .filter(e -> e.term() > countedTerm)
                            .filter(e -> e.cause() == Cause.FAILOVER || e.cause() == Cause.FORCED)
                            .count();
        }
        countedTerm = Math.max(countedTerm, newest);
    }

    private void roles() {
        for (var role : Role.values()) {
            Gauge.builder("kumki.role", () -> of(s -> flag(Role.own(s.view()) == role)))
                    .description("1 for what this node is")
                    .tag("role", role.word())
                    .register(meters);
        }
        gauge(
                "kumki.leader",
                "1 if the lease is ours now and the server accepts writes under it",
                () -> flag(pulse.vitals().primary().up()));
        gauge(
                "kumki.snapshot.age.seconds",
                "since the last tick ended",
                () -> pulse.vitals().age() / 1000.0);
    }

    private void lease() {
        gauge("kumki.term", "newest term known", () -> ofRecord(r -> r.tenure().term()));
        gauge(
                "kumki.lease.remaining.seconds",
                "until our server must have stopped; 0 if not ours",
                () -> of(this::remaining));
        gauge(
                "kumki.voter.voting",
                "1 while our voter votes",
                () -> of(s -> flag(s.reports().get(0).voter().votes())));
        gauge(
                "kumki.peers.heard",
                "other agents heard in the last tick",
                () -> of(s -> s.view().peers().size()));
    }

    private double remaining(Snapshot snapshot) {
        return snapshot.view().lease() instanceof Lease.Mine mine
                ? Math.max(0, mine.remaining() - pulse.vitals().age()) / 1000.0
                : 0;
    }

    private void server() {
        gauge(
                "kumki.timeline",
                "timeline of our server",
                () ->
                        of(
                                s ->
                                        NodeView.position(s.view().local().server())
                                                .map(p -> (double) p.timeline())
                                                .orElse(Double.NaN)));
        gauge(
                "kumki.lsn.bytes",
                "end of the WAL that our server has",
                () ->
                        of(
                                s ->
                                        NodeView.position(s.view().local().server())
                                                .map(p -> (double) p.lsn().bytes())
                                                .orElse(Double.NaN)));
        gauge(
                "kumki.lag.bytes",
                "behind the leader; NaN on no replica",
                () -> of(s -> known(lagBytes(s.view()))));
        gauge(
                "kumki.lag.seconds",
                "since the last replayed commit was made; NaN on no replica",
                () ->
                        of(
                                s ->
                                        s.view().local().server() instanceof Replica r
                                                ? s.routing().age(r).toMillis() / 1000.0
                                                : Double.NaN));
    }

    /** What its SQL side tells. */
    private void inside() {
        gauge(
                "kumki.replay.stopped",
                "1 if replay is paused or stands still for long; NaN on no replica",
                () ->
                        of(
                                s ->
                                        s.view().local().server() instanceof Replica r
                                                ? flag(s.routing().stopped(r).isPresent())
                                                : Double.NaN));
        gauge(
                "kumki.xmin.age",
                "transactions since the oldest that somebody may still look at",
                () -> of(s -> s.view().local().server().oldest().age()));
        for (var holder : List.of("slot", "standby", "prepared transaction", "client backend")) {
            Gauge.builder("kumki.xmin.holder", () -> of(s -> flag(holds(s, holder))))
                    .description("1 for who that is")
                    .tag("holder", holder)
                    .strongReference(true)
                    .register(meters);
        }
        gauge(
                "kumki.slots.stranded",
                "logical slots that a former primary left on a standby",
                () -> of(s -> s.view().local().server().oldest().stranded().size()));
    }

    private void machine() {
        gauge(
                "kumki.runner.silent.seconds",
                "since the runner last wrote its state; NaN if never",
                () -> of(s -> notEver(s.view().local().runner().silent())));
        gauge(
                "kumki.disk.free.bytes",
                "on the file system of the data directory",
                () ->
                        of(
                                s -> {
                                    long free = s.view().local().runner().diskFree();
                                    return free < 0 ? Double.NaN : free;
                                }));
        gauge(
                "kumki.kept.bytes",
                "replaced directories that may hold commits that no other node has",
                () -> of(s -> s.view().local().runner().work().keptBytes()));
    }

    private static boolean holds(Snapshot snapshot, String kind) {
        return snapshot.view().local().server().oldest().holder().startsWith(kind + " ");
    }

    private static OptionalDouble lagBytes(View view) {
        if (view.local().server() instanceof Replica replica) {
            var bytes = Trail.bytes(view, replica);
            return bytes.isPresent()
                    ? OptionalDouble.of(bytes.getAsLong())
                    : OptionalDouble.empty();
        }
        return OptionalDouble.empty();
    }

    private static double notEver(long silentMillis) {
        return silentMillis == Long.MAX_VALUE ? Double.NaN : silentMillis / 1000.0;
    }

    private void archive() {
        gauge(
                "kumki.archive.failing",
                "1 if the last attempt to archive failed and WAL waits; NaN where none is archived",
                () -> ofArchive(a -> flag(a.failing())));
        gauge(
                "kumki.archive.waiting.bytes",
                "WAL that waits for the archive; NaN where none is archived",
                () -> ofArchive(a -> a.bytes() < 0 ? Double.NaN : a.bytes()));
        gauge(
                "kumki.archive.age.seconds",
                "since a file was last archived; NaN if never",
                () -> ofArchive(a -> a.sinceArchived() < 0 ? Double.NaN : a.sinceArchived() / 1e3));
        gauge(
                "kumki.archive.failures",
                "failed attempts since the server's statistics began",
                () -> ofArchive(Archiving::failures));
    }

    private double ofArchive(Function<Archiving, Number> value) {
        return of(
                s -> {
                    var archiving = s.view().local().server().archiver();
                    return archiving.on() ? value.apply(archiving) : Double.NaN;
                });
    }

    private void cluster() {
        for (var fault : Fault.values()) {
            Gauge.builder(
                            "kumki.failover.possible",
                            () ->
                                    of(
                                            s ->
                                                    flag(
                                                            ClusterView.outlook(s)
                                                                    .prospect(fault)
                                                                    .successor()
                                                                    .isPresent())))
                    .description("1 if somebody would lead after this fault of the leader")
                    .tag("fault", fault.name().toLowerCase(Locale.ROOT))
                    .strongReference(true)
                    .register(meters);
        }
        gauge(
                "kumki.majority",
                "1 while enough voters vote, as far as this agent hears",
                () -> of(s -> flag(ClusterView.outlook(s).majority())));
        gauge(
                "kumki.safe.nodes",
                "nodes that hold every acknowledged commit, the leader included",
                () -> ofRecord(r -> r.safety().safe().size()));
        gauge(
                "kumki.ttl.seconds",
                "how long the next renewal counts, as agreed on; NaN before",
                () -> ofRecord(r -> r.agreed().map(a -> a.ttl() / 1000.0).orElse(Double.NaN)));
        gauge(
                "kumki.settings.differ",
                "settings in this node's own file that differ from what is agreed on",
                () ->
                        of(
                                s ->
                                        ConfigView.differs(
                                                        s.reports().get(0),
                                                        s.view()
                                                                .register()
                                                                .flatMap(ClusterRecord::agreed))
                                                .size()));
        gauge(
                "kumki.paused",
                "1 while paused by an operator",
                () -> ofRecord(r -> flag(r.wishes().paused())));
    }

    private void counters() {
        FunctionCounter.builder("kumki.ticks", board, b -> b.decisions().ticks())
                .description("ticks since the agent's start")
                .register(meters);
        for (var rule : Rule.values()) {
            FunctionCounter.builder(
                            "kumki.decisions",
                            board,
                            b -> b.decisions().counts().getOrDefault(rule, 0L))
                    .description("ticks that a rule decided")
                    .tag("rule", rule.id())
                    .register(meters);
        }
        for (var by : CrashWatch.By.values()) {
            FunctionCounter.builder("kumki.server.crashes", crashed.get(by), AtomicLong::get)
                    .description("crashes of our server that were mended in place, and by whom")
                    .tag("mended", by.name().toLowerCase(Locale.ROOT))
                    .register(meters);
        }
        FunctionCounter.builder("kumki.sync.waits.cancelled", this, m -> m.cancelled)
                .description("commits whose wait for the standby was cancelled, at least")
                .register(meters);
        FunctionCounter.builder("kumki.failovers", this, m -> m.failovers)
                .description("failovers seen since the agent's start, forced ones included")
                .register(meters);
    }

    private void gauge(String name, String what, Supplier<Number> value) {
        Gauge.builder(name, value).description(what).strongReference(true).register(meters);
    }

    private double of(Function<Snapshot, Number> value) {
        return board.last().map(s -> value.apply(s).doubleValue()).orElse(Double.NaN);
    }

    private double ofRecord(Function<ClusterRecord, Number> value) {
        return of(s -> s.view().register().map(value).orElse(Double.NaN));
    }

    private static double known(OptionalDouble value) {
        return value.orElse(Double.NaN);
    }

    private static double flag(boolean value) {
        return value ? 1 : 0;
    }
}
