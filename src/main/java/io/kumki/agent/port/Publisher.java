package io.kumki.agent.port;

import io.kumki.agent.Snapshot;

/** Somebody who is told what a tick found and decided. Must return at once and must not throw. */
@FunctionalInterface
public interface Publisher {
    void publish(Snapshot snapshot);
}
