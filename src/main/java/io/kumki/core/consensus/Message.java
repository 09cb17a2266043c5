package io.kumki.core.consensus;

/** What a proposer asks of a voter. */
public sealed interface Message {

    /** The attempt that this message belongs to; above {@link Ballot#ZERO}. */
    Ballot ballot();

    /** Phase 1: promise to accept nothing lower, and tell what you have accepted. */
    record Prepare(Ballot ballot) implements Message {
        /** Refuses {@link Ballot#ZERO}. */
        public Prepare {
            requireReal(ballot);
        }
    }

    /**
     * Phase 2: accept this value, and promise {@code next} in the same write, which spares the same
     * proposer the first phase of its next change.
     *
     * @param value the whole register; empty writes a blank register back
     * @param next the proposer's next ballot, or {@code ballot} itself to ask for no more
     */
    record Accept(Ballot ballot, String value, Ballot next) implements Message {
        /** Refuses {@link Ballot#ZERO} and a next ballot below this one. */
        public Accept {
            requireReal(ballot);
            if (next.isBelow(ballot)) {
                throw new IllegalArgumentException(next + " is below " + ballot);
            }
        }
    }

    /** Phase 1 of a voter that lost its state: see {@link Readmission}. */
    record Readmit(Ballot ballot) implements Message {
        /** Refuses {@link Ballot#ZERO}. */
        public Readmit {
            requireReal(ballot);
        }
    }

    private static void requireReal(Ballot ballot) {
        if (ballot.counter() == 0) {
            throw new IllegalArgumentException("ballot " + ballot + " is not above zero");
        }
    }
}
