package io.kumki.core.model;

/**
 * How the doors beside one agent stand in a planned switchover: its gateway, its pooler.
 *
 * @param holding new work waits there
 * @param busy sessions that may be inside a transaction on the leader
 * @param opaque sessions into which the doors can't look (TLS passed through)
 */
public record Doors(boolean holding, int busy, int opaque) {

    /** Both of them together. */
    public Doors and(Doors other) {
        return new Doors(holding && other.holding, busy + other.busy, opaque + other.opaque);
    }
}
