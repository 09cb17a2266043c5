package io.kumki.api;

import io.kumki.core.model.Mode;
import io.kumki.core.model.NodeId;
import io.smallrye.mutiny.Uni;
import java.util.Optional;

/**
 * What an operator may ask for. Each call leaves a wish in the register and answers with one
 * sentence for people; the next ticks do the work.
 *
 * <p>Every Uni fails with {@link RefusedException} if the wish makes no sense now, and with {@link
 * NoMajorityException} if no majority of voters could be asked.
 */
public interface Operator {
    /**
     * @param to the new leader; empty: the best standby
     * @param force although long transactions will be broken off or logical slots left behind
     * @param by who asks and why, for receipt and history
     */
    Uni<String> switchover(Optional<NodeId> to, boolean force, Asked by);

    /** Gives a pending switchover up, as long as the old primary has not been stopped. */
    Uni<String> abortSwitchover();

    /**
     * From now on no failover, promotion or rejoin by itself. The leader stays one: its lease is
     * renewed, and a server of its that ended is started where it was.
     */
    Uni<String> pause();

    Uni<String> resume();

    /** Promotes that node when the lease is free, although it may lack acknowledged commits. */
    Uni<String> failover(NodeId to);

    /**
     * Changes what is agreed on, while somebody leads.
     *
     * @param ttl milliseconds; empty: as it is
     * @param mode empty: as it is
     */
    Uni<String> configure(Optional<Long> ttl, Optional<Mode> mode);

    /** Lets this node's voter, which lost its state, vote again. */
    Uni<String> readmit();
}
