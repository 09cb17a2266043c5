package io.kumki.adapter.pgbouncer;

import io.kumki.core.model.Doors;
import io.kumki.core.model.HostPort;
import io.kumki.core.routing.Routes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;

/**
 * Leads PgBouncer's clients where the routes say. Call {@link #route} at every tick: it looks again
 * now and then, so that a restarted PgBouncer is held again, and none stays paused.
 */
public final class PgbouncerPublisher implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(PgbouncerPublisher.class);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);
    private static final Duration UNSETTLED = Duration.ofMillis(100);

    /** A pause that a failover makes: whoever lost his server is gone by then. */
    private static final Duration CUT_AFTER = Duration.ofMillis(150);

    private static final Doors OPEN = new Doors(false, 0, 0);

    /**
     * @param databases the file that PgBouncer includes; this agent writes the whole of it
     * @param sessionPooled databases in it that are pooled by session, for LISTEN
     * @param deadline of each answer of the console
     */
    public record Terms(
            HostPort admin,
            String user,
            String password,
            Path databases,
            List<String> sessionPooled,
            Duration deadline) {
        public Terms {
            sessionPooled = List.copyOf(sessionPooled);
        }

        /** Without the password. */
        @Override
        public String toString() {
            return user + " at " + admin + ", " + databases;
        }
    }

    /**
     * What became of the last attempt.
     *
     * @param problem PgBouncer does not do as it should
     */
    public record Outcome(boolean problem, String summary) {}

    private final Desk desk;
    private final Runnable poke;
    private final AtomicReference<Routes> wanted = new AtomicReference<>(Routes.NONE);
    private final AtomicBoolean queued = new AtomicBoolean();
    private final ScheduledThreadPoolExecutor thread =
            new ScheduledThreadPoolExecutor(
                    1,
                    task -> {
                        var worker = new Thread(task, "kumki-pgbouncer");
                        worker.setDaemon(true);
                        return worker;
                    });
    private volatile Outcome last = new Outcome(false, "nothing was to be said yet");
    private volatile Doors doors = OPEN;
    private volatile Routes done = Routes.NONE;

    // Of the worker alone.
    private Routes applied = Routes.NONE;
    private Optional<HostPort> tried = Optional.empty();
    private long since;
    private long looked;
    private boolean settled;

    /**
     * @param poke told when the doors have changed, on the publisher's thread
     */
    public PgbouncerPublisher(Terms terms, Runnable poke) {
        this.desk = new Desk(terms);
        this.poke = poke;
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Returns at once; from any thread. Routes of an older term are ignored (I7). */
    public void route(Routes routes) {
        wanted.accumulateAndGet(routes, (now, next) -> next.term() < now.term() ? now : next);
        enqueue(Duration.ZERO);
    }

    /** The last routes for which nothing was left to do. */
    Routes done() {
        return done;
    }

    public Outcome last() {
        return last;
    }

    /**
     * Busy are open transactions, opaque the sessions on databases that are pooled by session: they
     * can't be waited for, since a listener never ends.
     */
    public Doors doors() {
        return doors;
    }

    /** Lets clients go on if it was only a switchover that held them. */
    @Override
    public void close() {
        thread.execute(
                () -> {
                    try {
                        if (!(wanted.get().writer() instanceof Routes.Vacant)) {
                            desk.resume();
                        }
                        desk.leave();
                    } catch (IOException e) {
                        LOG.warnf("pgbouncer left as it is: %s", e.getMessage());
                    }
                });
        thread.shutdown();
    }

    private void enqueue(Duration delay) {
        if (queued.compareAndSet(false, true)) {
            try {
                thread.schedule(this::work, delay.toMillis(), TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException closed) {
                LOG.debug("pgbouncer: closed");
            }
        }
    }

    private void work() {
        queued.set(false);
        var routes = wanted.get();
        boolean due = System.nanoTime() - looked >= LOOK_AGAIN.toNanos();
        boolean news = routes.term() != applied.term() || !routes.writer().equals(applied.writer());
        if (routes.term() == 0 || settled && !news && !due) {
            return;
        }
        try {
            if (!sameWriter(routes, applied)) {
                since = System.nanoTime();
                tried = Optional.empty();
            }
            applied = routes;
            settled = apply(routes);
            looked = System.nanoTime();
            if (settled) {
                done = routes;
            } else {
                enqueue(UNSETTLED);
            }
        } catch (IOException e) {
            desk.leave();
            settled = false;
            report(OPEN);
            note(new Outcome(true, Desk.reason(e)));
        } catch (RuntimeException e) {
            LOG.error("PgBouncer could not be told; the next tick tries again", e);
        }
    }

    /** The reason of a vacancy may change while it lasts. */
    private static boolean sameWriter(Routes one, Routes other) {
        boolean vacant =
                one.writer() instanceof Routes.Vacant && other.writer() instanceof Routes.Vacant;
        return one.term() == other.term() && (vacant || one.writer().equals(other.writer()));
    }

    /**
     * @return whether there is nothing more to do for these routes now
     */
    private boolean apply(Routes routes) throws IOException {
        return switch (routes.writer()) {
            case Routes.Draining draining -> {
                var all = desk.hold();
                report(doors(all));
                note(new Outcome(false, "held for a switchover to " + draining.to()));
                yield false;
            }
            case Routes.Vacant vacant -> {
                boolean empty = cut();
                note(new Outcome(false, "held: " + vacant.why()));
                yield empty;
            }
            case Routes.Open open -> lead(open.to().address());
        };
    }

    /**
     * Holds everybody; whoever still works on a server that lost the lease is cut (I7). PgBouncer
     * can cut a database's clients only all together.
     *
     * @return whether nobody works there any more
     */
    private boolean cut() throws IOException {
        var all = desk.hold();
        if (active(all) > 0 && System.nanoTime() - since >= CUT_AFTER.toNanos()) {
            for (var stuck : all.stream().filter(d -> d.active() > 0).toList()) {
                LOG.warnf(
                        "pgbouncer database=%s cut with sessions=%d on a former leader",
                        stuck.name(), stuck.active());
                desk.kill(stuck);
            }
            all = desk.look();
        }
        report(doors(all));
        return active(all) == 0;
    }

    /** Nobody goes on before PgBouncer has really learnt the new address. */
    private boolean lead(HostPort target) throws IOException {
        boolean astray = desk.look().stream().anyMatch(d -> !d.leadsTo(target));
        boolean anew = astray && tried.isEmpty();
        if (anew && !cut()) {
            return false;
        }
        if (desk.point(target) || anew) {
            desk.reload();
        }
        var lost = desk.look().stream().filter(d -> !d.leadsTo(target)).findFirst();
        desk.resume();
        report(OPEN);
        tried = Optional.of(target);
        note(
                lost.map(d -> new Outcome(true, desk.complaint(d, target)))
                        .orElseGet(() -> new Outcome(false, "clients go to " + target)));
        return true;
    }

    private static int active(List<Database> all) {
        return all.stream().mapToInt(Database::active).sum();
    }

    private static Doors doors(List<Database> all) {
        return new Doors(
                all.stream().allMatch(Database::paused),
                active(all.stream().filter(d -> !d.session()).toList()),
                active(all.stream().filter(Database::session).toList()));
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
                    "pgbouncer problem=%s because=\"%s\"",
                    outcome.problem(),
                    outcome.summary());
        }
        last = outcome;
    }
}
