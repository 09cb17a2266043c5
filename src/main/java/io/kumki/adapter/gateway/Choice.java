package io.kumki.adapter.gateway;

import io.kumki.core.model.HostPort;
import io.kumki.core.routing.Routes;
import io.kumki.core.routing.Target;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToIntFunction;

/**
 * Where sessions may go, and which may stay.
 *
 * @param silent servers that swallow packets
 */
record Choice(Routes routes, Set<HostPort> silent) {
    /** What becomes of a session that is open. */
    enum Fate {
        STAYS,
        /** A switchover is about to stop its server: it ends between transactions. */
        DRAINS,
        /** Its server became unfit: it ends between transactions, and soon in any case. */
        LEAVES,
        /** Its server is nobody's leader or replica any more. */
        LOST
    }

    Choice {
        silent = Set.copyOf(silent);
    }

    /**
     * Where a new session may go, the best first; empty: it has to wait.
     *
     * @param load sessions of a server
     */
    List<Target> candidates(Port port, ToIntFunction<HostPort> load) {
        var found = new ArrayList<Target>();
        if (port == Port.RO) {
            found.addAll(readers());
            found.sort(Comparator.comparingInt(t -> load.applyAsInt(t.address())));
        }
        leader().filter(t -> !has(found, t.address())).ifPresent(found::add);
        return found;
    }

    Fate fate(Port port, HostPort server) {
        if (routes.writer() instanceof Routes.Draining draining
                && draining.from().address().equals(server)) {
            return Fate.DRAINS;
        }
        boolean leads = leader().filter(t -> t.address().equals(server)).isPresent();
        if (port == Port.RW) {
            return leads ? Fate.STAYS : Fate.LOST;
        }
        var readers = readers();
        if (has(readers, server) || leads && readers.isEmpty()) {
            return Fate.STAYS;
        }
        boolean tolerated = has(routes.tolerated(), server) && !silent.contains(server);
        return tolerated || leads ? Fate.LEAVES : Fate.LOST;
    }

    /** Whether new sessions wait on the rw port. */
    boolean holding() {
        return !(routes.writer() instanceof Routes.Open);
    }

    Optional<Target> leader() {
        return routes.writer() instanceof Routes.Open open
                ? Optional.of(open.to())
                : Optional.empty();
    }

    /** Whether this server does nothing but read here: then its silence can be acted upon. */
    boolean readsOnly(HostPort server) {
        return leader().filter(t -> t.address().equals(server)).isEmpty();
    }

    /** Why nobody is served now, for the client and for the log. */
    String why() {
        return switch (routes.writer()) {
            case Routes.Vacant vacant -> vacant.why();
            case Routes.Draining draining ->
                    "a planned switchover from %s to %s is under way"
                            .formatted(draining.from().node(), draining.to());
            case Routes.Open open -> open.to() + " takes no session";
        };
    }

    private List<Target> readers() {
        return routes.readers().stream()
                .filter(t -> !silent.contains(t.address()) || !readsOnly(t.address()))
                .filter(t -> !drains(t))
                .toList();
    }

    private boolean drains(Target target) {
        return routes.writer() instanceof Routes.Draining draining
                && draining.from().address().equals(target.address());
    }

    private static boolean has(List<Target> targets, HostPort address) {
        return targets.stream().anyMatch(t -> t.address().equals(address));
    }
}
