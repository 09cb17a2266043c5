package io.kumki.adapter.haproxy;

import io.kumki.core.routing.Routes;
import io.kumki.core.routing.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What HAProxy must be told, given what it says of itself.
 *
 * <p>Writes are switched by the servers' health and not by maintenance: HAProxy's own checks go on
 * and may correct it, so that it still follows the leader if this agent dies. Only a drain stays
 * until it is taken back. A server in maintenance is left alone: a person did that.
 */
final class Orders {
    private final Routes routes;
    private final Fresh fresh;
    private final List<String> commands = new ArrayList<>();

    /**
     * What HAProxy has not been told yet: sessions are cut and servers brought up. Later its checks
     * have the word, and only what contradicts the routes is put right.
     */
    record Fresh(boolean writer, boolean readers) {
        static final Fresh ALL = new Fresh(true, true);

        /** What changed since the routes that were applied before. */
        static Fresh between(Routes before, Routes now) {
            boolean vacantStill =
                    before.writer() instanceof Routes.Vacant
                            && now.writer() instanceof Routes.Vacant;
            return new Fresh(
                    before.term() != now.term()
                            || !vacantStill && !before.writer().equals(now.writer()),
                    !Set.copyOf(before.readers()).equals(Set.copyOf(now.readers()))
                            || !Set.copyOf(before.tolerated()).equals(Set.copyOf(now.tolerated())));
        }
    }

    Orders(Routes routes, Fresh fresh) {
        this.routes = routes;
        this.fresh = fresh;
    }

    List<String> commands() {
        return List.copyOf(commands);
    }

    /** Former leaders go down before the new one comes up: never two at a time (I7). */
    void write(String backend, List<Server> servers) {
        var target = target();
        for (var server : servers) {
            if (target.filter(t -> is(t, server)).isEmpty()) {
                down(backend, server);
            }
        }
        for (var server : servers) {
            if (target.filter(t -> is(t, server)).isPresent()) {
                if (routes.writer() instanceof Routes.Draining) {
                    drain(backend, server);
                } else {
                    up(backend, server, fresh.writer());
                }
            }
        }
    }

    /** Who doesn't read there is drained, so that HAProxy's own check can't bring it back. */
    void read(String backend, List<Server> servers) {
        for (var server : servers) {
            if (server.isLeaderEntry()) {
                continue;
            }
            if (isReader(server)) {
                up(backend, server, fresh.readers());
            } else {
                drain(backend, server);
                if (fresh.readers() && routes.tolerated().stream().noneMatch(t -> is(t, server))) {
                    cut(backend, server.name());
                }
            }
        }
    }

    void cut(String backend, String server) {
        commands.add("shutdown sessions server " + backend + "/" + server);
    }

    /** The node that writes go to, or went to until this switchover. */
    Optional<Target> target() {
        return switch (routes.writer()) {
            case Routes.Open open -> Optional.of(open.to());
            case Routes.Draining draining -> Optional.of(draining.from());
            case Routes.Vacant vacant -> Optional.empty();
        };
    }

    private boolean isReader(Server server) {
        return target().filter(leader -> is(leader, server)).isEmpty()
                && routes.readers().stream().anyMatch(t -> is(t, server));
    }

    /**
     * A vacancy may mean that this agent knows nothing: said once, then the checks have the word.
     */
    private void down(String backend, Server server) {
        boolean contradicts = !(routes.writer() instanceof Routes.Vacant);
        if (server.up() && (fresh.writer() || contradicts)) {
            set(backend, server, "health down");
        }
        if (fresh.writer()) {
            cut(backend, server.name());
        }
        if (server.drained()) {
            set(backend, server, "state ready");
        }
    }

    /** Also one that is up: it may be so for no other reason than that no check was made yet. */
    private void up(String backend, Server server, boolean news) {
        if (news) {
            set(backend, server, "health up");
        }
        if (server.drained()) {
            set(backend, server, "state ready");
        }
    }

    private void drain(String backend, Server server) {
        if (!server.drained()) {
            set(backend, server, "state drain");
        }
    }

    private void set(String backend, Server server, String what) {
        commands.add("set server " + backend + "/" + server.name() + " " + what);
    }

    private static boolean is(Target target, Server server) {
        return target.node().name().equals(server.name());
    }
}
