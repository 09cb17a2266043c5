package io.kumki.adapter.haproxy;

import io.kumki.core.model.Doors;
import io.kumki.core.routing.Routes;
import io.kumki.core.routing.Target;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * Leads HAProxy's sessions where the routes say, over its runtime socket. Call {@link #route} at
 * every tick: it looks again now and then, so that a restarted HAProxy is told too.
 */
public final class HaproxyPublisher implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(HaproxyPublisher.class);
    private static final long LOOK_AGAIN_NANOS = Duration.ofSeconds(2).toNanos();
    private static final Duration TOLERATION = Duration.ofSeconds(10);
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.:-]+");
    private static final Doors OPEN = new Doors(false, 0, 0);

    /**
     * @param socket the path of HAProxy's runtime socket, or its HOST:PORT
     * @param deadline of one exchange over it
     */
    public record Terms(String socket, String writeBackend, String readBackend, Duration deadline) {
        public Terms {
            for (var name : List.of(writeBackend, readBackend)) {
                if (!NAME.matcher(name).matches()) {
                    throw new IllegalArgumentException(
                            "a backend of HAProxy has a name of letters, digits, \"_\", \".\","
                                    + " \":\" and \"-\", got \""
                                    + name
                                    + "\"");
                }
            }
        }
    }

    /**
     * What became of the last attempt.
     *
     * @param problem HAProxy does not do as it should
     */
    public record Outcome(boolean problem, String summary) {}

    private final Terms terms;
    private final Runnable poke;
    private final Duration toleration;
    private final RuntimeSocket socket;
    private final AtomicReference<Routes> wanted = new AtomicReference<>(Routes.NONE);
    private final AtomicBoolean queued = new AtomicBoolean();
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(
                    task -> {
                        var worker = new Thread(task, "kumki-haproxy");
                        worker.setDaemon(true);
                        return worker;
                    });
    private volatile Outcome last = new Outcome(false, "nothing was to be said yet");
    private volatile Doors doors = OPEN;
    private volatile Routes applied = Routes.NONE;

    // Of the worker alone.
    private final Map<String, Long> toleratedUntil = new HashMap<>();
    private String process = "";
    private long looked;

    public HaproxyPublisher(Terms terms) {
        this(terms, () -> {});
    }

    /**
     * @param poke told when the doors have changed, on the publisher's thread
     */
    public HaproxyPublisher(Terms terms, Runnable poke) {
        this(terms, poke, TOLERATION);
    }

    /**
     * @param toleration how long a reader may stay at a server that is only tolerated
     */
    HaproxyPublisher(Terms terms, Runnable poke, Duration toleration) {
        this.terms = terms;
        this.poke = poke;
        this.toleration = toleration;
        this.socket = new RuntimeSocket(terms.socket(), terms.deadline());
    }

    /** Returns at once; from any thread. Routes of an older term are ignored (I7). */
    public void route(Routes routes) {
        wanted.accumulateAndGet(routes, (now, next) -> next.term() < now.term() ? now : next);
        if (!thread.isShutdown() && queued.compareAndSet(false, true)) {
            thread.execute(this::work);
        }
    }

    /** What HAProxy was told last. */
    Routes applied() {
        return applied;
    }

    public Outcome last() {
        return last;
    }

    /** Its sessions are opaque: HAProxy does not know what a transaction is. */
    public Doors doors() {
        return doors;
    }

    /** HAProxy goes on by its own checks. */
    @Override
    public void close() {
        thread.shutdown();
    }

    private void work() {
        queued.set(false);
        var routes = wanted.get();
        boolean due = System.nanoTime() - looked >= LOOK_AGAIN_NANOS;
        boolean pressing = routes.writer() instanceof Routes.Draining;
        if (routes.term() == 0 || routes.equals(applied) && !due && !pressing) {
            return;
        }
        try {
            apply(routes);
        } catch (IOException e) {
            process = "";
            report(OPEN);
            note(new Outcome(true, e.getMessage()));
        } catch (RuntimeException e) {
            LOG.error("HAProxy could not be told; the next tick tries again", e);
        }
    }

    private void apply(Routes routes) throws IOException {
        var running = socket.ask(List.of("show info")).lines().filter(HaproxyPublisher::isIdentity);
        var identity = String.join(" ", running.toList());
        boolean restarted = !identity.equals(process);
        var fresh = restarted ? Orders.Fresh.ALL : Orders.Fresh.between(applied, routes);
        var write = servers(terms.writeBackend());
        var read = servers(terms.readBackend());
        var orders = new Orders(routes, fresh);
        orders.write(terms.writeBackend(), write);
        orders.read(terms.readBackend(), read);
        cutTheTolerated(routes, read, orders);
        obey(orders.commands());
        report(doorsOf(routes));
        applied = routes;
        process = identity;
        looked = System.nanoTime();
        note(outcome(routes, orders, write));
    }

    private static boolean isIdentity(String line) {
        return line.startsWith("Pid:") || line.startsWith("Start_time_sec:");
    }

    private List<Server> servers(String backend) throws IOException {
        return Server.parse(socket.ask(List.of("show servers state " + backend)));
    }

    /** HAProxy is silent about a command that it obeys. */
    private void obey(List<String> commands) throws IOException {
        if (commands.isEmpty()) {
            return;
        }
        var answer = socket.ask(commands).strip();
        if (!answer.isEmpty()) {
            throw new IOException(
                    "HAProxy answers \"%s\" to one of %s".formatted(answer, commands));
        }
    }

    /** Whoever was tolerated for long enough is cut, once. */
    private void cutTheTolerated(Routes routes, List<Server> read, Orders orders) {
        var leader = orders.target().map(Target::node);
        var entries = new ArrayList<String>();
        for (var target : routes.tolerated()) {
            var node = target.node().name();
            boolean leads = leader.equals(Optional.of(target.node()));
            entries.add(leads ? Server.leaderEntry(node) : node);
        }
        toleratedUntil.keySet().retainAll(entries);
        long now = System.nanoTime();
        for (var server : read) {
            if (entries.contains(server.name())) {
                long end =
                        toleratedUntil.computeIfAbsent(
                                server.name(), n -> now + toleration.toNanos());
                if (end != Long.MAX_VALUE && now - end >= 0) {
                    orders.cut(terms.readBackend(), server.name());
                    toleratedUntil.put(server.name(), Long.MAX_VALUE);
                }
            }
        }
    }

    private Doors doorsOf(Routes routes) throws IOException {
        if (!(routes.writer() instanceof Routes.Draining draining)) {
            return OPEN;
        }
        var name = draining.from().node().name();
        boolean holding =
                servers(terms.writeBackend()).stream()
                        .anyMatch(s -> s.name().equals(name) && s.drained());
        var answer = socket.ask(List.of("show stat " + terms.writeBackend() + " 4 -1"));
        return new Doors(holding, 0, Sessions.of(answer, name));
    }

    private Outcome outcome(Routes routes, Orders orders, List<Server> write) {
        var missing =
                orders.target()
                        .map(t -> t.node().name())
                        .filter(n -> write.stream().noneMatch(s -> s.name().equals(n)));
        return missing.map(
                        name ->
                                new Outcome(
                                        true,
                                        "backend %s has no server %s"
                                                .formatted(terms.writeBackend(), name)))
                .orElseGet(() -> new Outcome(false, describe(routes)));
    }

    private static String describe(Routes routes) {
        var writes =
                switch (routes.writer()) {
                    case Routes.Open open -> "go to " + open.to();
                    case Routes.Draining draining -> "wait for a switchover to " + draining.to();
                    case Routes.Vacant vacant -> "wait, since " + vacant.why();
                };
        return "term %d: writes %s; reads go to %s"
                .formatted(
                        routes.term(),
                        writes,
                        routes.readers().stream().map(t -> t.node().name()).toList());
    }

    private void report(Doors now) {
        boolean changed = !now.equals(doors);
        doors = now;
        if (changed) {
            poke.run();
        }
    }

    private void note(Outcome outcome) {
        if (!outcome.equals(last)) {
            LOG.logf(
                    outcome.problem() ? Logger.Level.WARN : Logger.Level.INFO,
                    "haproxy problem=%s because=\"%s\"",
                    outcome.problem(),
                    outcome.summary());
        }
        last = outcome;
    }
}
