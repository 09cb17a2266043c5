package io.kumki.core.model;

import java.util.Optional;

/**
 * One node's part in a planned switchover.
 *
 * @param draining it leads and is about to stop its server: doors shall hold new work
 * @param doors the doors beside it; empty if there is none
 */
public record Handover(boolean draining, Optional<Doors> doors) {
    public static final Handover NONE = new Handover(false, Optional.empty());
}
