package io.kumki.api;

import io.kumki.core.model.LocalServer;
import io.kumki.core.model.View;
import java.util.Locale;
import java.util.Optional;

/** What a node is, in one word. */
public enum Role {
    /** Holds the lease, whatever its server does. */
    LEADER,
    /** Its server accepts writes, or would, and it does not hold the lease. */
    PRIMARY,
    REPLICA,
    WITNESS,
    STARTING,
    STOPPING,
    STOPPED,
    /** No data directory. */
    EMPTY,
    /** The agent answers and its server does not. */
    UNREACHABLE,
    /** Its agent was not heard in this tick. */
    UNHEARD;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** This node's. */
    public static Role own(View view) {
        return of(
                view.leader().equals(Optional.of(view.self())),
                view.settings().witness(),
                view.local().server());
    }

    static Role of(boolean leads, boolean witness, LocalServer server) {
        if (leads) {
            return LEADER;
        }
        return witness ? WITNESS : of(server);
    }

    private static Role of(LocalServer server) {
        return switch (server) {
            case LocalServer.Primary p -> PRIMARY;
            case LocalServer.Replica r -> REPLICA;
            case LocalServer.Starting s -> STARTING;
            case LocalServer.Stopping s -> STOPPING;
            case LocalServer.Stopped s -> STOPPED;
            case LocalServer.Empty e -> EMPTY;
            case LocalServer.Unreachable u -> UNREACHABLE;
        };
    }
}
