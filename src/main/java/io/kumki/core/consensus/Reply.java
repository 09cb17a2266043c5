package io.kumki.core.consensus;

/** What a voter answers. All but {@link Abstained} and {@link Rejected} are on disk before. */
public sealed interface Reply {

    /**
     * Nothing lower will be accepted from now on.
     *
     * @param accepted ballot of the value; {@link Ballot#ZERO} if none was ever accepted
     * @param value the value last accepted; empty if blank
     */
    record Promised(Ballot accepted, String value) implements Reply {}

    /** The value is accepted and the next ballot promised. */
    record Accepted() implements Reply {}

    /**
     * Refused, because a higher ballot was promised, or issued in case of a re-admission.
     *
     * @param highest the ballot to exceed
     */
    record Rejected(Ballot highest) implements Reply {}

    /**
     * No vote: this voter has no state that it may vote with, or could not make it durable.
     *
     * @param reason for people
     */
    record Abstained(String reason) implements Reply {}
}
