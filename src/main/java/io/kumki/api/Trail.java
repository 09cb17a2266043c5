package io.kumki.api;

import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Lease;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.LocalServer.Replica;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Peer;
import io.kumki.core.model.Position;
import io.kumki.core.model.View;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** How far replicas trail the leader. */
final class Trail {
    private Trail() {}

    /**
     * The furthest position of the leader that is known: from the last renewal or from its own
     * report. Empty without a majority, as the register may be old then.
     */
    static Optional<Position> reference(View view) {
        if (view.lease() instanceof Lease.Unknown) {
            return Optional.empty();
        }
        var renewed = view.register().map(ClusterRecord::position);
        return Stream.concat(renewed.stream(), reported(view).stream())
                .reduce((a, b) -> further(a, b) ? a : b);
    }

    private static boolean further(Position a, Position b) {
        return a.timeline() != b.timeline()
                ? a.timeline() > b.timeline()
                : b.lsn().isBefore(a.lsn());
    }

    private static Optional<Position> reported(View view) {
        return view.leader()
                .flatMap(leader -> server(view, leader))
                .filter(s -> s instanceof Primary)
                .map(s -> ((Primary) s).position());
    }

    private static Optional<LocalServer> server(View view, NodeId node) {
        return node.equals(view.self())
                ? Optional.of(view.local().server())
                : view.peer(node).map(Peer::server);
    }

    /**
     * What it has not replayed. Empty if unknown, or if the replica is on an older timeline: then
     * bytes say nothing.
     */
    static OptionalLong bytes(View view, Replica replica) {
        var reference = reference(view);
        if (reference.isEmpty() || replica.position().timeline() < reference.get().timeline()) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(replica.replayed().bytesBehind(reference.get().lsn()));
    }
}
