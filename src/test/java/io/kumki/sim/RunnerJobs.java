package io.kumki.sim;

import io.kumki.core.model.Action;
import io.kumki.core.model.Runner.Work;
import io.kumki.sim.SimNetwork.Kind;
import java.util.Optional;

/** What takes a runner long: initdb, clone, rewind. One at a time; it can be cut short. */
final class RunnerJobs {
    private final SimNode node;
    private final SimCluster cluster;
    private Optional<String> job = Optional.empty();
    private Optional<String> failed = Optional.empty();
    private boolean done;
    private Optional<Runnable> copied = Optional.empty();
    private int number;
    private String salvage = "";
    private long salvageBytes;

    RunnerJobs(SimNode node) {
        this.node = node;
        this.cluster = node.cluster;
    }

    void cancel() {
        number++;
        job = Optional.empty();
        failed = Optional.empty();
        done = false;
        copied = Optional.empty();
    }

    boolean busy() {
        return job.isPresent();
    }

    boolean rewinding() {
        return job.equals(Optional.of("rewind"));
    }

    boolean bootstrapping() {
        return job.equals(Optional.of("bootstrap"));
    }

    boolean done() {
        return done;
    }

    Optional<String> failed() {
        return failed;
    }

    Work work() {
        return new Work(
                job.filter(j -> !j.equals("bootstrap")), 1, 2, salvage, salvageBytes, "", 0);
    }

    private void begin(String name, long millis, Runnable end) {
        int mine = ++number;
        job = Optional.of(name);
        cluster.time.after(
                millis,
                () -> {
                    if (mine == number) {
                        end.run();
                    }
                });
    }

    private void fail(String why) {
        job = Optional.empty();
        failed = Optional.of(why);
    }

    void bootstrap() {
        begin(
                "bootstrap",
                200 + cluster.random.nextInt(300),
                () -> {
                    job = Optional.empty();
                    node.server.initialise(cluster.newSystemId());
                });
    }

    private boolean reaches(String source) {
        return cluster.network.passes(node.name, source, Kind.WAL)
                && cluster.network.passes(source, node.name, Kind.WAL)
                && cluster.node(source).server.phase() == SimServer.Phase.PRIMARY
                && !cluster.node(source).server.frozen();
    }

    /** A base backup beside the old directory; it fails when the source goes away meanwhile. */
    void clone(String source) {
        if (!reaches(source)) {
            fail("no connection to " + source);
            return;
        }
        int life = cluster.node(source).server.starts();
        begin(
                "clone",
                300 + cluster.random.nextInt(1_200),
                () -> {
                    if (reaches(source) && cluster.node(source).server.starts() == life) {
                        copied = Optional.of(node.server.copyOf(cluster.node(source).server));
                    } else {
                        fail("the connection to " + source + " broke");
                    }
                });
    }

    boolean readyToSwap() {
        return copied.isPresent();
    }

    void swap() {
        node.keepsakes.replace(copied.orElseThrow());
        copied = Optional.empty();
        job = Optional.empty();
        done = true;
    }

    /** Salvage first, then pg_rewind, which sometimes can't. */
    void rewind(Action.Rewind rewind, long term) {
        long end = node.server.wal.end();
        salvage = "/salvage/" + term;
        salvageBytes = Math.max(0, end - rewind.fork().bytes());
        node.keepsakes.salvage(rewind.fork().bytes());
        begin("rewind", 100 + cluster.random.nextInt(900), () -> rewound(rewind));
    }

    private void rewound(Action.Rewind rewind) {
        var source = rewind.source().address().host();
        job = Optional.empty();
        if (!reaches(source)) {
            failed = Optional.of("no connection to " + source);
        } else if (node.server.wal.timeline() == cluster.node(source).server.wal.timeline()) {
            failed = Optional.of("the same timeline, so pg_rewind would do nothing");
        } else if (cluster.rewindFails()) {
            failed = Optional.of("pg_rewind could not find a common ancestor");
        } else {
            node.server.rewound(cluster.node(source).server);
            done = true;
        }
    }
}
