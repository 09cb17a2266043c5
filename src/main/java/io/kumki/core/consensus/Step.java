package io.kumki.core.consensus;

import java.util.List;
import java.util.Optional;

/**
 * What a proposer wants done after one input.
 *
 * @param send in any order, each at most once
 * @param outcome present when the change in progress has ended
 */
public record Step(List<Outgoing> send, Optional<Outcome> outcome) {

    static final Step NOTHING = new Step(List.of(), Optional.empty());

    /** Copies the list. */
    public Step {
        send = List.copyOf(send);
    }

    static Step sending(List<Outgoing> messages) {
        return new Step(messages, Optional.empty());
    }

    static Step ending(Outcome outcome) {
        return new Step(List.of(), Optional.of(outcome));
    }
}
