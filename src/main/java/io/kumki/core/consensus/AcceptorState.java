package io.kumki.core.consensus;

/**
 * All that a voter must never forget.
 *
 * @param promised no lower ballot is accepted any more; never below {@code accepted}
 * @param accepted the ballot of {@code value}; {@link Ballot#ZERO} before the first
 * @param value the register as this voter last accepted it; empty: the register is blank
 */
public record AcceptorState(Ballot promised, Ballot accepted, String value) {

    /** A voter that formed and has not been asked for anything yet. */
    public static final AcceptorState BLANK = new AcceptorState(Ballot.ZERO, Ballot.ZERO, "");

    /** Refuses a promise below the accepted ballot. */
    public AcceptorState {
        if (promised.isBelow(accepted)) {
            throw new IllegalArgumentException(
                    "promised %s is below accepted %s".formatted(promised, accepted));
        }
        if (accepted.equals(Ballot.ZERO) && !value.isEmpty()) {
            throw new IllegalArgumentException("a value without an accepted ballot");
        }
    }
}
