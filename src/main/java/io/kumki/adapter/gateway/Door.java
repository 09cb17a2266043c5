package io.kumki.adapter.gateway;

import io.kumki.core.model.Doors;
import io.kumki.core.model.HostPort;
import io.kumki.core.routing.Routes;
import io.kumki.core.routing.Target;
import io.netty.handler.ssl.SslContext;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Verticle;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * The sessions of one event loop. Several doors share the ports; each takes its part of the
 * clients, and keeps both sockets of a session on its own loop. Only {@link #state()} is for
 * others.
 */
final class Door implements Verticle {
    private static final Logger LOG = Logger.getLogger(Gateway.class);
    private static final int TICK_MILLIS = 50;
    private static final long LATE = TimeUnit.MILLISECONDS.toNanos(2 * TICK_MILLIS);
    private static final int QUICK_MILLIS = 400;

    /** Clients over the limit that still get an error; more than these find a closed door. */
    private static final int SURPLUS = 200;

    /** What changed when the routes did. */
    record Moves(int cut, int waiting) {}

    private final Gateway.Terms terms;
    private final Optional<SslContext> tls;
    private final Ledger ledger;
    private final Figures figures;
    private final Watch.News news;
    private final Runnable poke;
    private final Set<Session> sessions = new HashSet<>();
    private Choice choice = new Choice(Routes.NONE, Set.of());
    private Vertx vertx;
    private Context context;
    private NetClient patient;
    private NetClient quick;
    private Watch watch;
    private boolean ticking;
    private boolean wasLate;
    private long lastTick;
    private boolean dirty;
    private volatile Doors state = new Doors(false, 0, 0);

    Door(
            Gateway.Terms terms,
            Optional<SslContext> tls,
            Ledger ledger,
            Figures figures,
            Watch.News news,
            Runnable poke) {
        this.terms = terms;
        this.tls = tls;
        this.ledger = ledger;
        this.figures = figures;
        this.news = news;
        this.poke = poke;
    }

    @Override
    public Vertx getVertx() {
        return vertx;
    }

    @Override
    public void init(Vertx own, Context loop) {
        vertx = own;
        context = loop;
    }

    @Override
    public void start(Promise<Void> started) {
        patient = client((int) terms.connectTimeout().toMillis());
        quick = client((int) quickly().toMillis());
        watch = new Watch(client(Watch.PATIENCE_MILLIS), news);
        var listening = new ArrayList<Future<NetServer>>();
        terms.rw().ifPresent(where -> listening.add(listen(Port.RW, where)));
        terms.ro().ifPresent(where -> listening.add(listen(Port.RO, where)));
        Future.all(listening).<Void>mapEmpty().onComplete(started);
    }

    private NetClient client(int connectMillis) {
        var options = new NetClientOptions().setConnectTimeout(connectMillis);
        options.setTcpNoDelay(true).setTcpKeepAlive(true);
        return vertx.createNetClient(options);
    }

    private Future<NetServer> listen(Port port, HostPort where) {
        var options = new NetServerOptions().setAcceptBacklog(1024);
        options.setTcpNoDelay(true).setTcpKeepAlive(true);
        return vertx.createNetServer(options)
                .connectHandler(socket -> accept(port, socket))
                .listen(where.port(), where.host())
                .recover(
                        e ->
                                Future.failedFuture(
                                        new IllegalStateException(
                                                "the gateway can't listen on %s: %s"
                                                        .formatted(where, e.getMessage()),
                                                e)));
    }

    private void accept(Port port, NetSocket socket) {
        int clients = ledger.entered();
        if (clients > terms.maxSessions() + SURPLUS) {
            ledger.left();
            figures.refused("too-many");
            socket.close();
            return;
        }
        sessions.add(new Session(this, port, socket, clients > terms.maxSessions()));
        startTicking();
    }

    @Override
    public void stop(Promise<Void> stopped) {
        List.copyOf(sessions).forEach(Session::close);
        stopped.complete();
    }

    // What others tell.

    /** The routes are new. Any thread. */
    Future<Moves> follow(Routes routes) {
        return onLoop(() -> new Choice(routes, choice.silent()));
    }

    /** A server fell silent or speaks again. Any thread. */
    Future<Moves> silence(HostPort server, boolean silent) {
        return onLoop(
                () -> {
                    var all = new HashSet<>(choice.silent());
                    if (silent) {
                        all.add(server);
                    } else {
                        all.remove(server);
                    }
                    return new Choice(choice.routes(), all);
                });
    }

    private Future<Moves> onLoop(Supplier<Choice> next) {
        var done = Promise.<Moves>promise();
        context.runOnContext(
                now -> {
                    choice = next.get();
                    int waiting = (int) sessions.stream().filter(Session::waits).count();
                    int cut = (int) List.copyOf(sessions).stream().filter(Session::follow).count();
                    publish();
                    done.complete(new Moves(cut, waiting));
                });
        return done.future();
    }

    /** How the door stands. Any thread. */
    Doors state() {
        return state;
    }

    // What sessions ask.

    Choice choice() {
        return choice;
    }

    Ledger ledger() {
        return ledger;
    }

    Figures figures() {
        return figures;
    }

    Optional<SslContext> tls() {
        return tls;
    }

    Duration hold() {
        return terms.hold();
    }

    List<Target> candidates(Port port) {
        return choice.candidates(port, ledger::load);
    }

    /** How long one attempt may take, in nanoseconds. */
    long patience(Port port, Target target) {
        return (reads(port, target) ? quickly() : terms.connectTimeout()).toNanos();
    }

    void connect(Attempt attempt, Port port) {
        var target = attempt.target();
        var client = reads(port, target) ? quick : patient;
        onContext(
                () -> {
                    var where = target.address();
                    attempt.over(client.connect(where.port(), where.host()), ledger, figures);
                });
    }

    /** Without its context Vert.x would open the socket on any loop. */
    private void onContext(Runnable action) {
        ((ContextInternal) context).dispatch(action);
    }

    private boolean reads(Port port, Target target) {
        return port == Port.RO && choice.readsOnly(target.address());
    }

    private Duration quickly() {
        var limit = Duration.ofMillis(QUICK_MILLIS);
        return limit.compareTo(terms.connectTimeout()) < 0 ? limit : terms.connectTimeout();
    }

    void suspect(HostPort server, long now) {
        if (choice.readsOnly(server)) {
            onContext(() -> watch.suspect(server, now));
        }
    }

    void missed(Target target) {
        if (choice.readsOnly(target.address())) {
            watch.missed(target.address());
        }
    }

    boolean ours(SocketAddress client, SocketAddress here) {
        return ledger.ours(client, here);
    }

    void warnOfLoop(SocketAddress client) {
        LOG.errorf("refused %s: it is the gateway itself, its routes lead in a circle", client);
    }

    void note(String what) {
        LOG.debug(what);
    }

    void cancel(Greeting.Cancel request, Wire client) {
        var servers = ledger.owner(request.key()).map(List::of).orElseGet(ledger::inUse);
        var cancellation = new Cancellation(vertx, patient, client);
        onContext(() -> cancellation.send(request.packet(), servers));
    }

    void forget(Session session) {
        if (sessions.remove(session)) {
            ledger.left();
            changed();
        }
    }

    /** A session began or ended. */
    void changed() {
        if (ticking) {
            dirty = true;
        } else {
            publish();
        }
    }

    // Time.

    private void startTicking() {
        if (!ticking) {
            ticking = true;
            lastTick = System.nanoTime();
            vertx.setPeriodic(TICK_MILLIS, this::tick);
        }
    }

    /** After a pause of the machine what clients have sent meanwhile is read first. */
    private boolean late(long now) {
        boolean skipped = now - lastTick > LATE && !wasLate;
        lastTick = now;
        wasLate = skipped;
        return skipped;
    }

    private void tick(long timer) {
        long now = System.nanoTime();
        if (late(now)) {
            return;
        }
        List.copyOf(sessions).forEach(s -> s.tick(now));
        watch.tick(now);
        if (dirty) {
            publish();
        }
        if (sessions.isEmpty() && !watch.busy()) {
            vertx.cancelTimer(timer);
            ticking = false;
        }
    }

    private void publish() {
        dirty = false;
        int busy = 0;
        int opaque = 0;
        for (var session : sessions) {
            var relay = session.relay();
            if (relay.isPresent() && (session.port() == Port.RW || relay.get().drains())) {
                opaque += relay.get().opaque() ? 1 : 0;
                busy += relay.get().opaque() ? 0 : 1;
            }
        }
        var before = state;
        state = new Doors(choice.holding(), busy, opaque);
        if (before.holding() != state.holding() || (before.busy() == 0) != (busy == 0)) {
            poke.run();
        }
    }
}
