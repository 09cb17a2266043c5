package io.kumki.agent.port;

import io.kumki.core.model.Action;
import io.kumki.core.model.LocalServer;
import io.smallrye.mutiny.Uni;

/** The local server's SQL side. Answers come on the loop's thread. */
public interface Catalog {
    /**
     * One look at the catalogs, in one round trip.
     *
     * @return a Primary, a Replica, an Unreachable, or a Starting that said so; never fails, and
     *     ends by its own deadline. What needs memory ({@code still}, {@code stuck}, {@code since})
     *     is 0
     */
    Uni<LocalServer> poll();

    /** CHECKPOINT; ends when it is done. Fails if the role may not. */
    Uni<Void> checkpoint();

    /**
     * Makes, drops and advances physical slots, each as far as possible; fails with the first
     * error.
     */
    Uni<Void> manage(Action.Slots slots);
}
