package io.kumki.agent.port;

import io.kumki.core.consensus.Outcome;
import io.smallrye.mutiny.Uni;
import java.util.Optional;

/**
 * The one small record that the cluster agrees on: a linearizable register. Nothing more is asked
 * of a store: no TTL, no lease, no watch.
 *
 * <p>Each Uni does its work once per subscription, never fails, and ends within the store's own
 * deadline; subscribe on the loop's thread, where it also answers.
 */
public interface Register {

    /**
     * Changes the register if it holds exactly what is expected.
     *
     * @param expected empty: the register must be blank
     * @param next the new value, not empty, and never used before
     */
    Uni<Outcome> compareAndSet(Optional<String> expected, String next);

    /** The value as {@link Outcome.Committed} (empty if blank), or {@link Outcome.Undecided}. */
    Uni<Outcome> read();
}
