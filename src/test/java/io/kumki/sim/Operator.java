package io.kumki.sim;

import io.kumki.adapter.register.EmbeddedRegister;
import io.kumki.agent.port.RecordCodec;
import io.kumki.core.consensus.Outcome;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Wishes;
import io.kumki.wire.Json;
import io.smallrye.mutiny.Uni;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A person with {@code kumki} and a shell, who does what comes to mind while things break. */
final class Operator {
    private static final long AGAIN_MILLIS = 400;
    private static final long PATIENCE_MILLIS = 3_000;
    private static final int TRIES = 10;

    private final SimCluster cluster;
    private boolean wantsPause;

    Operator(SimCluster cluster) {
        this.cluster = cluster;
    }

    void act() {
        var nodes = cluster.dataNodes();
        var node = nodes.get(cluster.random.nextInt(nodes.size()));
        switch (cluster.random.nextInt(5)) {
            case 0 -> pauseForAWhile();
            case 1 -> switchover(node);
            case 2 -> force(node);
            case 3 -> killBackend(node);
            default -> promoteByHand(node);
        }
    }

    private void pauseForAWhile() {
        cluster.trace("operator: kumki pause");
        wantsPause = true;
        wish(this::paused, TRIES);
        cluster.time.after(cluster.random.nextInt(20_000), this::resume);
    }

    /** A pause ends no storm well; who paused resumes in the end. */
    void resume() {
        if (wantsPause) {
            cluster.trace("operator: kumki resume");
            wantsPause = false;
            wish(this::paused, Integer.MAX_VALUE);
        }
    }

    private Wishes paused(Wishes wishes) {
        return new Wishes(wantsPause, wishes.switchover(), wishes.forced());
    }

    private void switchover(SimNode to) {
        var from = cluster.writers().stream().filter(w -> w != to).findFirst();
        if (from.isPresent()) {
            cluster.trace("operator: kumki switchover to " + to.name);
            var wanted = new Wishes.Switchover(new NodeId(from.get().name), new NodeId(to.name));
            wish(w -> new Wishes(w.paused(), Optional.of(wanted), w.forced()), TRIES);
        }
    }

    private void force(SimNode node) {
        cluster.trace("operator: kumki failover --accept-data-loss " + node.name);
        cluster.acceptLoss();
        var forced = Optional.of(new NodeId(node.name));
        wish(w -> new Wishes(w.paused(), w.switchover(), forced), TRIES);
    }

    private void killBackend(SimNode node) {
        cluster.trace("operator: kill -9 to a backend of " + node.name);
        node.server.restartItself();
    }

    private void promoteByHand(SimNode node) {
        if (node.server.phase() == SimServer.Phase.STANDBY && !node.server.frozen()) {
            cluster.trace("operator: promotes " + node.name + " by hand");
            node.server.promoteByHand();
        }
    }

    /** As the API does it at whatever agent answers; again where another change came between. */
    private void wish(UnaryOperator<Wishes> change, int tries) {
        var answered = new boolean[1];
        cluster.time.after(PATIENCE_MILLIS, () -> again(change, tries, answered, false));
        var agents = cluster.nodes().stream().flatMap(n -> n.agent().stream()).toList();
        if (agents.isEmpty()) {
            return;
        }
        var register = agents.get(cluster.random.nextInt(agents.size())).register();
        register.read()
                .chain(found -> swap(register, found, change))
                .subscribe()
                .with(
                        o -> again(change, tries, answered, o instanceof Outcome.Committed),
                        failure -> again(change, tries, answered, false));
    }

    /** Once for each attempt: after its answer, or when none comes. */
    private void again(UnaryOperator<Wishes> change, int tries, boolean[] answered, boolean done) {
        boolean first = !answered[0];
        answered[0] = true;
        if (first && !done && tries > 1) {
            cluster.time.after(AGAIN_MILLIS, () -> wish(change, tries - 1));
        }
    }

    private static Uni<Outcome> swap(
            EmbeddedRegister register, Outcome found, UnaryOperator<Wishes> change) {
        if (!(found instanceof Outcome.Committed read)) {
            return Uni.createFrom().item(found);
        }
        RecordCodec codec = new Json.Records();
        ClusterRecord record = codec.decode(read.value());
        var next = codec.encode(record.with(change.apply(record.wishes())));
        return register.compareAndSet(Optional.of(read.value()), next);
    }
}
