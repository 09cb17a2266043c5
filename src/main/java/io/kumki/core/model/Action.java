package io.kumki.core.model;

import java.util.Optional;
import java.util.Set;

/** The one thing that a tick does. Doing the same again is harmless. */
public sealed interface Action {
    /** Nothing; a leader goes on renewing. */
    record Hold() implements Action {}

    /** Writes the first record of a new or adopted cluster, with ourselves as the leader. */
    record Found(String systemId, Episode.Cause cause) implements Action {}

    /** Takes the lease by compare-and-set on the exact record that was seen. */
    record Campaign(Episode.Cause cause) implements Action {}

    /** Gives the lease up; only with our server stopped. */
    record Release(Optional<NodeId> to) implements Action {}

    /** Lets the lease run out: the server may live, so that nobody may begin before its end. */
    record Lapse() implements Action {}

    /** Changes who is safe to promote. */
    record MarkSafe(Set<NodeId> safe) implements Action {}

    /** Writes down what must be equal on all nodes. */
    record Agree(Agreed agreed) implements Action {}

    /** Notes in the register what became of a change of the leader. */
    record Receipt(long term, Episode.Opened opened) implements Action {}

    /** Ends a pending switchover or forced failover that can't or need not be done. */
    record DropWishes() implements Action {}

    /** A checkpoint, before a stop or for the sake of pg_rewind. */
    record Checkpoint() implements Action {}

    /**
     * Makes and drops physical slots and moves those of a standby forward. One that is to be
     * dropped and made is made anew, without its xmin; it keeps WAL from the last restartpoint on.
     * (A copy of a slot would keep its place, and its xmin too.)
     */
    record Slots(Set<String> create, Set<String> drop, Set<Advance> advance) implements Action {
        public record Advance(String slot, Lsn to) {}
    }

    /** An order to the runner. */
    sealed interface Order extends Action {
        /**
         * Tells two orders apart. Only a primary is ordered anew in each term: the runner guards it
         * by the term.
         *
         * @return begins with the order's type and a bracket
         */
        default String key(long term) {
            return toString();
        }
    }

    /**
     * Start as primary, be promoted, or change the synchronous standby.
     *
     * @param syncNames {@code synchronous_standby_names}
     * @param least what a promotion must not end below: the end of the WAL that the node had; 0/0:
     *     nothing is promoted
     */
    record BePrimary(String syncNames, boolean bootstrap, Lsn least) implements Order {
        public BePrimary(String syncNames, boolean bootstrap) {
            this(syncNames, bootstrap, Lsn.ZERO);
        }

        /** A standby that replays on its way is not ordered anew for each step. */
        @Override
        public String key(long term) {
            return "BePrimary[syncNames=%s, bootstrap=%s] in term %d"
                    .formatted(syncNames, bootstrap, term);
        }
    }

    /**
     * Start as a standby, or follow another.
     *
     * @param source the leader; empty: a standby without upstream, which serves reads
     */
    record BeStandby(Optional<Source> source) implements Order {}

    /** Salvage, pg_rewind, follow. */
    record Rewind(Source source, Lsn fork) implements Order {}

    /** A new base backup beside the old directory, then follow. */
    record Clone(Source source) implements Order {}

    /**
     * @param immediate SIGQUIT instead of an orderly shutdown
     */
    record Stop(boolean immediate) implements Order {}

    /** Whom to stream from. */
    record Source(NodeId node, HostPort address) {}
}
