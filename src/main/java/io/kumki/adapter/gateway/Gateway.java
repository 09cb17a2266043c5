package io.kumki.adapter.gateway;

import io.kumki.core.model.Doors;
import io.kumki.core.model.HostPort;
import io.kumki.core.routing.Routes;
import io.kumki.core.routing.Target;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.PemKeyCertOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Two TCP ports beside the application: {@code rw} leads to the leader, {@code ro} to a replica.
 * While there is nobody to lead to, new sessions wait instead of failing; docs/GATEWAY.md.
 */
public final class Gateway {
    private static final Logger LOG = Logger.getLogger(Gateway.class);
    private static final int MOST_DOORS = 4;

    private final Vertx vertx;
    private final Terms terms;
    private final Figures figures;
    private final Ledger ledger = new Ledger();
    private final Runnable poke;
    private List<Door> doors = List.of();
    private Routes routes = Routes.NONE;
    private final Set<HostPort> silentServers = new HashSet<>();
    private Optional<String> deployment = Optional.empty();

    /**
     * @param rw where writers come in, empty: no such port
     * @param ro where readers come in, empty: no such port
     * @param hold how long a new session waits for a server before it is refused
     * @param connectTimeout of one attempt at a server, and again for its first answer
     * @param maxSessions more than these are refused with 53300
     * @param tls present: the gateway speaks TLS to its clients itself
     */
    public record Terms(
            Optional<HostPort> rw,
            Optional<HostPort> ro,
            Duration hold,
            Duration connectTimeout,
            int maxSessions,
            Optional<Tls> tls) {}

    /** PEM files: the certificate with its chain, and its key without a password. */
    public record Tls(Path certificate, Path key) {}

    /**
     * @param poke is run when a switchover could go on: the doors hold, or nobody is busy. On any
     *     thread; it must not block
     */
    public Gateway(Vertx vertx, Terms terms, MeterRegistry meters, Runnable poke) {
        this.vertx = vertx;
        this.terms = terms;
        this.figures = new Figures(meters);
        this.poke = poke;
    }

    /** Listens. Fails with a message for people if a port is taken or a file can't be read. */
    public Future<Void> open() {
        Optional<SslContext> tls;
        try {
            tls =
                    terms.tls().isPresent()
                            ? Optional.of(secure(terms.tls().get()))
                            : Optional.empty();
        } catch (Exception e) {
            return Future.failedFuture(
                    new IllegalStateException(
                            "the gateway can't use its certificate or key: " + e.getMessage(), e));
        }
        int count = Math.min(Runtime.getRuntime().availableProcessors(), MOST_DOORS);
        var opening =
                Stream.generate(() -> new Door(terms, tls, ledger, figures, this::silence, poke))
                        .limit(count)
                        .toList();
        var next = opening.iterator();
        return vertx.deployVerticle(next::next, new DeploymentOptions().setInstances(count))
                .onSuccess(id -> opened(id, opening))
                .mapEmpty();
    }

    private synchronized void opened(String id, List<Door> opened) {
        deployment = Optional.of(id);
        doors = opened;
        doors.forEach(d -> d.follow(routes));
        LOG.infof(
                "the gateway is open: rw %s, ro %s, by %d loops",
                terms.rw().map(HostPort::toString).orElse("none"),
                terms.ro().map(HostPort::toString).orElse("none"),
                doors.size());
    }

    private SslContext secure(Tls files) throws Exception {
        var keys =
                new PemKeyCertOptions()
                        .setCertPath(files.certificate().toString())
                        .setKeyPath(files.key().toString())
                        .getKeyManagerFactory(vertx);
        return SslContextBuilder.forServer(keys)
                .sslProvider(SslProvider.JDK)
                .applicationProtocolConfig(
                        new ApplicationProtocolConfig(
                                Protocol.ALPN,
                                SelectorFailureBehavior.NO_ADVERTISE,
                                SelectedListenerFailureBehavior.ACCEPT,
                                "postgresql"))
                .build();
    }

    /** Leads clients there from now on. Routes of an older term are ignored (I7). Any thread. */
    public synchronized void route(Routes next) {
        if (next.term() < routes.term() || next.equals(routes)) {
            return;
        }
        var before = routes;
        routes = next;
        everyDoor(d -> d.follow(next)).onSuccess(moves -> tell(before, next, moves));
    }

    /** How all doors stand together. Any thread. */
    public synchronized Doors doors() {
        boolean holding = !doors.isEmpty();
        int busy = 0;
        int opaque = 0;
        for (var door : doors) {
            var state = door.state();
            holding &= state.holding();
            busy += state.busy();
            opaque += state.opaque();
        }
        return new Doors(holding, busy, opaque);
    }

    /** Stops listening and ends all sessions. */
    public synchronized void close() {
        deployment.ifPresent(vertx::undeploy);
        deployment = Optional.empty();
        doors = List.of();
    }

    /** Every door finds out by itself; the first one is believed, in either direction. */
    private synchronized void silence(HostPort server, boolean silent) {
        if (!(silent ? silentServers.add(server) : silentServers.remove(server))) {
            return;
        }
        everyDoor(d -> d.silence(server, silent))
                .onSuccess(
                        moves ->
                                LOG.warnf(
                                        silent
                                                ? "%s does not answer: no reads there; %d sessions cut"
                                                : "%s answers again",
                                        server,
                                        moves.cut()));
    }

    /** Tells every door, in the same order, and adds up what they did. */
    private Future<Door.Moves> everyDoor(Function<Door, Future<Door.Moves>> order) {
        var answers = doors.stream().map(order).toList();
        return Future.all(answers)
                .map(
                        all ->
                                new Door.Moves(
                                        answers.stream().mapToInt(a -> a.result().cut()).sum(),
                                        answers.stream()
                                                .mapToInt(a -> a.result().waiting())
                                                .sum()));
    }

    private static void tell(Routes before, Routes now, Door.Moves moves) {
        if (!before.writer().equals(now.writer())) {
            LOG.infof(
                    "term %d: %s; sessions cut: %d, waiting until now: %d",
                    now.term(), describe(now.writer()), moves.cut(), moves.waiting());
        }
        if (!before.readers().equals(now.readers())) {
            var names = now.readers().stream().map(Target::toString).toList();
            LOG.infof("term %d: reads go to %s", now.term(), names);
        }
    }

    private static String describe(Routes.Writer writer) {
        return switch (writer) {
            case Routes.Open open -> "writes go to " + open.to();
            case Routes.Draining draining ->
                    "writes wait for the switchover from %s to %s"
                            .formatted(draining.from().node(), draining.to());
            case Routes.Vacant vacant -> "writes wait: " + vacant.why();
        };
    }
}
