package io.kumki.boot;

import io.kumki.adapter.odoo.OdooConfFile;
import io.kumki.adapter.odoo.OdooProcess;
import io.kumki.adapter.odoo.OdooPublisher;
import io.kumki.adapter.odoo.OdooPublisher.Outcome;
import io.kumki.adapter.odoo.OdooPublisher.Patience;
import io.kumki.adapter.odoo.OdooPublisher.Wish;
import io.kumki.adapter.odoo.TermNote;
import io.kumki.agent.Snapshot;
import io.kumki.agent.port.Publisher;
import io.kumki.config.Configuration;
import io.kumki.core.model.HostPort;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.LocalServer.Unreachable;
import io.kumki.core.routing.Routes;
import io.kumki.core.routing.Target;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * From where clients are led to every Odoo of this machine. Files and processes are slow, so each
 * Odoo has a thread of its own, which leaves out ticks while it is at work: none waits for another.
 */
final class OdooLink implements Publisher {
    private static final Logger LOG = Logger.getLogger(OdooLink.class);

    private final Configuration.Odoo odoo;
    private final List<Instance> instances;
    private final Set<HostPort> members = ConcurrentHashMap.newKeySet();

    /**
     * @param stateDir durable; must exist
     */
    OdooLink(Configuration.Odoo odoo, Path stateDir) {
        this.odoo = odoo;
        this.instances =
                odoo.instances().stream()
                        .map(
                                it ->
                                        new Instance(
                                                it.conf(),
                                                new OdooPublisher(
                                                        parts(odoo, it, stateDir), patience(odoo))))
                        .toList();
        members.addAll(odoo.endpoints().values());
    }

    /** A gateway's read address is never withdrawn, so there is no replica to wait for. */
    private static Patience patience(Configuration.Odoo odoo) {
        var usual = Patience.DEFAULT;
        return odoo.gateway().isEmpty()
                ? usual
                : new Patience(usual.repeatAfter(), usual.attempts(), Duration.ZERO, usual.ring());
    }

    private static OdooPublisher.Parts parts(
            Configuration.Odoo odoo, Configuration.Odoo.Instance one, Path stateDir) {
        OdooProcess.Where where =
                one.pid()
                        .<OdooProcess.Where>map(OdooProcess.Pid::new)
                        .or(() -> one.pidFile().map(OdooProcess.PidFile::new))
                        .orElseGet(OdooProcess.Nowhere::new);
        var commands = new OdooProcess.Commands(odoo.reloadCommand(), odoo.restartCommand());
        return new OdooPublisher.Parts(
                new OdooConfFile(one.conf()),
                new OdooProcess(where, commands, one.conf()),
                new TermNote(stateDir, one.conf()),
                switch (odoo.afterFailover()) {
                    case NONE -> Optional.empty();
                    case HANGUP -> Optional.of(OdooProcess.Means.RELOAD);
                    case RESTART_COMMAND -> Optional.of(OdooProcess.Means.RESTART);
                });
    }

    /** What became of the last attempt, by file. May be called on any thread. */
    TreeMap<Path, Outcome> last() {
        var last = new TreeMap<Path, Outcome>();
        instances.forEach(it -> last.put(it.conf, it.last));
        return last;
    }

    @Override
    public void publish(Snapshot snapshot) {
        var routes = snapshot.routing().routes();
        route(routes, acceptsWrites(snapshot, routes));
    }

    /** The leader's own word of this tick; the routes may outlive a short silence. */
    private static boolean acceptsWrites(Snapshot snapshot, Routes routes) {
        return routes.writer() instanceof Routes.Open open
                && snapshot.reports().stream()
                        .filter(it -> it.node().equals(open.to().node()))
                        .anyMatch(
                                it ->
                                        it.body().server() instanceof Primary
                                                        && it.body().runner().armed()
                                                                == routes.term()
                                                || it.body().server() instanceof Unreachable u
                                                        && u.writes(
                                                                it.body().runner(), routes.term()));
    }

    /** Where nobody leads, and while a leader is about to stop, every file stays as it is (I7). */
    void route(Routes routes, boolean acceptsWrites) {
        Stream.concat(routes.readers().stream(), routes.tolerated().stream())
                .forEach(it -> members.add(address(it)));
        if (routes.writer() instanceof Routes.Open open) {
            members.add(address(open.to()));
            var wish = wish(routes, open.to());
            instances.forEach(it -> it.point(wish, acceptsWrites));
        }
    }

    private Wish wish(Routes routes, Target leader) {
        return odoo.gateway()
                .map(g -> new Wish(routes.term(), g.rw(), List.of(g.ro()), members))
                .orElseGet(
                        () ->
                                new Wish(
                                        routes.term(),
                                        address(leader),
                                        routes.readers().stream()
                                                .filter(it -> !it.equals(leader))
                                                .map(this::address)
                                                .toList(),
                                        members));
    }

    private HostPort address(Target target) {
        return odoo.endpoints().getOrDefault(target.node(), target.address());
    }

    /** One odoo.conf and the Odoo that reads it. */
    private static final class Instance {
        private final Path conf;
        private final OdooPublisher publisher;
        private final ExecutorService thread;
        private final AtomicBoolean busy = new AtomicBoolean();
        private volatile Outcome last =
                new Outcome(OdooPublisher.Step.WAITING, false, "nothing yet", List.of());

        Instance(Path conf, OdooPublisher publisher) {
            this.conf = conf;
            this.publisher = publisher;
            this.thread =
                    Executors.newSingleThreadExecutor(
                            task -> {
                                var worker = new Thread(task, "kumki-odoo");
                                worker.setDaemon(true);
                                return worker;
                            });
        }

        void point(Wish wish, boolean acceptsWrites) {
            if (busy.compareAndSet(false, true)) {
                thread.execute(
                        () -> {
                            try {
                                long now = System.nanoTime() / 1_000_000;
                                note(publisher.point(wish, acceptsWrites, now));
                            } catch (RuntimeException e) {
                                LOG.errorf(e, "odoo conf=%s could not be looked after", conf);
                            } finally {
                                busy.set(false);
                            }
                        });
            }
        }

        private void note(Outcome outcome) {
            if (!outcome.summary().equals(last.summary()) || outcome.rewritten()) {
                LOG.logf(
                        outcome.isProblem() ? Logger.Level.WARN : Logger.Level.INFO,
                        "odoo conf=%s step=%s rewritten=%s because=\"%s\"%s",
                        conf,
                        outcome.step(),
                        outcome.rewritten(),
                        outcome.summary(),
                        outcome.warnings().isEmpty()
                                ? ""
                                : " warnings=\"" + String.join("; ", outcome.warnings()) + '"');
            }
            last = outcome;
        }
    }
}
