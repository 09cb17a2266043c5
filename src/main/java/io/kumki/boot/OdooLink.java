package io.kumki.boot;

import io.kumki.adapter.odoo.Endpoints;
import io.kumki.adapter.odoo.OdooConfFile;
import io.kumki.adapter.odoo.OdooProcess;
import io.kumki.adapter.odoo.OdooPublisher;
import io.kumki.adapter.odoo.ReplicaHysteresis;
import io.kumki.agent.Report;
import io.kumki.agent.Snapshot;
import io.kumki.agent.port.Publisher;
import io.kumki.config.Configuration;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.HostPort;
import io.kumki.core.model.Lease;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.LocalServer.Replica;
import io.kumki.core.model.NodeId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * From what the cluster agreed on to one odoo.conf. Files and processes are slow, so this works on
 * a thread of its own and leaves out ticks while it is at it.
 */
final class OdooLink implements Publisher {
    private static final Logger LOG = Logger.getLogger(OdooLink.class);

    private final Configuration.Odoo odoo;
    private final Configuration.Replicas limits;
    private final OdooPublisher publisher;
    private final AtomicBoolean busy = new AtomicBoolean();
    private final Map<NodeId, ReplicaHysteresis> replicas = new HashMap<>();
    private Optional<NodeId> chosen = Optional.empty();
    private volatile OdooPublisher.Outcome last =
            new OdooPublisher.Outcome(OdooPublisher.Step.WAITING, false, "nothing yet", List.of());
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(
                    task -> {
                        var worker = new Thread(task, "kumki-odoo");
                        worker.setDaemon(true);
                        return worker;
                    });

    OdooLink(
            Configuration.Odoo odoo,
            Configuration.Replicas limits,
            Path conf,
            List<HostPort> members) {
        this.odoo = odoo;
        this.limits = limits;
        OdooProcess.Where where =
                odoo.process()
                        .pid()
                        .<OdooProcess.Where>map(OdooProcess.Pid::new)
                        .or(() -> odoo.process().pidFile().map(OdooProcess.PidFile::new))
                        .orElseGet(OdooProcess.Nowhere::new);
        this.publisher =
                new OdooPublisher(
                        new OdooConfFile(conf),
                        new OdooProcess(where, odoo.process().reloadCommand()),
                        members.stream().map(OdooLink::toOdoo).toList(),
                        OdooPublisher.Patience.DEFAULT);
    }

    /** What became of the last attempt. */
    OdooPublisher.Outcome last() {
        return last;
    }

    @Override
    public void publish(Snapshot snapshot) {
        if (busy.compareAndSet(false, true)) {
            thread.execute(
                    () -> {
                        try {
                            point(snapshot);
                        } catch (RuntimeException e) {
                            LOG.error(
                                    "odoo.conf could not be looked after; nothing was changed", e);
                        } finally {
                            busy.set(false);
                        }
                    });
        }
    }

    /** Without a majority nobody knows who leads, and the file stays as it is (I7). */
    private void point(Snapshot snapshot) {
        var view = snapshot.view();
        boolean led = view.lease() instanceof Lease.Mine || view.lease() instanceof Lease.Theirs;
        if (!led || view.register().isEmpty()) {
            return;
        }
        var record = view.register().get();
        var leader = report(snapshot, record.tenure().holder());
        if (leader.isEmpty()) {
            return;
        }
        long now = System.nanoTime() / 1_000_000;
        var wanted =
                new Endpoints(
                        toOdoo(endpoint(leader.get())),
                        replica(snapshot, record, now).map(OdooLink::toOdoo));
        note(
                publisher.point(
                        record.tenure().term(), wanted, acceptsWrites(leader.get(), record), now));
    }

    private static boolean acceptsWrites(Report leader, ClusterRecord record) {
        return leader.body().server() instanceof Primary
                && leader.body().runner().armed() == record.tenure().term();
    }

    /** The one written there stays while it is fit, so that Odoo is not restarted for nothing. */
    private Optional<HostPort> replica(Snapshot snapshot, ClusterRecord record, long now) {
        var fit = new ArrayList<Report>();
        var present = new TreeSet<NodeId>();
        for (var report : snapshot.reports()) {
            if (report.node().equals(record.tenure().holder())
                    || !(report.body().server() instanceof Replica replica)) {
                continue;
            }
            present.add(report.node());
            var judged =
                    replicas.computeIfAbsent(report.node(), n -> ReplicaHysteresis.start(limits()))
                            .after(
                                    new ReplicaHysteresis.Sample(
                                            replica.streaming(),
                                            replica.position()
                                                    .lsn()
                                                    .bytesBehind(record.position().lsn()),
                                            Optional.of(Duration.ofMillis(replica.lagMillis())),
                                            now));
            replicas.put(report.node(), judged);
            if (judged.isOffered()) {
                fit.add(report);
            }
        }
        replicas.keySet().retainAll(present);
        var best =
                fit.stream()
                        .filter(r -> chosen.equals(Optional.of(r.node())))
                        .findFirst()
                        .or(() -> fit.stream().min(Comparator.comparing(Report::node)));
        chosen = best.map(Report::node);
        return best.map(this::endpoint);
    }

    private ReplicaHysteresis.Limits limits() {
        return new ReplicaHysteresis.Limits(
                limits.maxLag(), limits.maxLagTime(), limits.returnAfter());
    }

    private static Optional<Report> report(Snapshot snapshot, NodeId node) {
        return snapshot.reports().stream().filter(r -> r.node().equals(node)).findFirst();
    }

    private HostPort endpoint(Report report) {
        return odoo.endpoints().getOrDefault(report.node(), report.body().address());
    }

    private static io.kumki.adapter.odoo.HostPort toOdoo(HostPort address) {
        return new io.kumki.adapter.odoo.HostPort(address.host(), address.port());
    }

    private void note(OdooPublisher.Outcome outcome) {
        if (!outcome.summary().equals(last.summary()) || outcome.rewritten()) {
            var text = "odoo step=%s rewritten=%s because=\"%s\" warnings=%s";
            var level = outcome.isProblem() ? Logger.Level.WARN : Logger.Level.INFO;
            LOG.logf(
                    level,
                    text,
                    outcome.step(),
                    outcome.rewritten(),
                    outcome.summary(),
                    outcome.warnings());
        }
        last = outcome;
    }
}
