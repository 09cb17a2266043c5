package io.kumki.sim;

import io.kumki.core.model.LocalServer;
import io.kumki.core.model.Position;
import io.kumki.sim.SimNetwork.Kind;
import java.util.List;
import java.util.Optional;

/** The WAL receiver of one server: asks its source for more, and tells it how far it is. */
final class Receiver {
    private static final int PULL_MILLIS = 50;
    private static final int TIMEOUT_MILLIS = 2_000;
    private static final int CHUNK = 500;

    private record Chunk(int from, List<Wal.Entry> entries, List<Position> history) {}

    private final SimServer server;
    private final SimCluster cluster;
    private Optional<String> source = Optional.empty();
    private long heardAt = Long.MIN_VALUE;
    private int round;

    Receiver(SimServer server, SimCluster cluster) {
        this.server = server;
        this.cluster = cluster;
    }

    Optional<String> source() {
        return source;
    }

    void follow(Optional<String> newSource) {
        if (!newSource.equals(source)) {
            source.ifPresent(this::leave);
            source = newSource;
            restart();
        }
    }

    /** The server has begun or ended a phase. */
    void restart() {
        round++;
        heardAt = Long.MIN_VALUE;
        if (receives()) {
            pull(round);
        } else {
            source.ifPresent(this::leave);
        }
    }

    private boolean receives() {
        return source.isPresent() && server.receives();
    }

    private void leave(String from) {
        var name = server.node.name;
        cluster.network.send(name, from, Kind.WAL, () -> cluster.node(from).server.gate.left(name));
    }

    private void pull(int mine) {
        if (mine != round || !receives()) {
            return;
        }
        cluster.time.after(PULL_MILLIS, () -> pull(mine));
        ask(mine);
    }

    private void ask(int mine) {
        if (server.frozen() || mine != round || !receives()) {
            return;
        }
        var from = cluster.node(source.get());
        var me = server.node.name;
        int size = server.wal.size();
        long end = server.wal.end();
        int timeline = server.wal.timeline();
        cluster.network.send(
                me,
                from.name,
                Kind.WAL,
                () -> {
                    var chunk = serve(from.server, size, timeline, end);
                    cluster.network.send(from.name, me, Kind.WAL, () -> take(mine, from, chunk));
                });
    }

    private Optional<Chunk> serve(SimServer from, int size, int timeline, long end) {
        if (from.frozen()) {
            return Optional.of(new Chunk(-1, List.of(), List.of()));
        }
        boolean refused = !from.feeds() || !from.wal.canFeed(timeline, end);
        if (refused || !from.systemId().equals(server.systemId())) {
            return Optional.empty();
        }
        from.gate.heard(server.node.name, end);
        if (size > from.wal.size()) {
            return Optional.of(new Chunk(size, List.of(), List.of()));
        }
        var all = from.wal.entries();
        return Optional.of(
                new Chunk(
                        size,
                        List.copyOf(all.subList(size, Math.min(all.size(), size + CHUNK))),
                        from.wal.history()));
    }

    private void take(int mine, SimNode from, Optional<Chunk> chunk) {
        if (mine != round || !receives() || server.frozen()) {
            return;
        }
        if (chunk.isEmpty()) {
            heardAt = Long.MIN_VALUE;
            return;
        }
        if (chunk.get().from() < 0) {
            return;
        }
        heardAt = cluster.time.now();
        if (!server.wal.isPrefixOf(from.server.wal) && from.server.feeds()) {
            cluster.checker.violated(
                    "I2: %s streams from %s on the same timeline and has other WAL: corrupt"
                            .formatted(server.node.name, from.name));
        }
        if (server.wal.extend(chunk.get().from(), chunk.get().entries(), chunk.get().history())) {
            server.advanced();
            ask(round);
        }
    }

    boolean streaming() {
        return receives() && cluster.time.now() - heardAt < TIMEOUT_MILLIS && heardAt >= 0;
    }

    Optional<LocalServer.Receiver> seen() {
        return streaming()
                ? Optional.of(new LocalServer.Receiver(true, source.get(), SimNode.PORT))
                : Optional.empty();
    }
}
