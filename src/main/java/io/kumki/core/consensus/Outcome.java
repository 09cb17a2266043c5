package io.kumki.core.consensus;

/** How one change or read of the register ended. */
public sealed interface Outcome {

    /**
     * The change happened, or the read found this value. For good.
     *
     * @param value the register now; empty: blank (only from a read)
     * @param ballot under which a majority accepted it
     */
    record Committed(String value, Ballot ballot) implements Outcome {}

    /**
     * The change did not and will not happen: the register holds something else.
     *
     * @param current what it holds (linearizable); empty: blank
     */
    record Conflict(String current) implements Outcome {}

    /**
     * The change or read may or may not have happened, and may still happen; read before going on.
     *
     * @param reason for people
     */
    record Undecided(String reason) implements Outcome {}
}
