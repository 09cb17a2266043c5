package io.kumki.api;

import io.kumki.agent.Report;
import io.kumki.core.consensus.Message;
import io.kumki.core.consensus.Reply;
import io.smallrye.mutiny.Uni;
import java.util.Optional;

/** What other agents may ask of this one. Safe to call from any thread. */
public interface PeerCalls {
    /** Takes a report; says why it is refused, if it is. */
    Optional<String> complaint(Report report);

    /** Our own; empty before the first tick has ended. */
    Optional<Report> report();

    /**
     * Asks our voter.
     *
     * @param sender node/incarnation of the agent that asks; fails with {@link RefusedException} if
     *     it is not the one that answers at its node's address
     * @param voters whom it counts as voters, with commas; empty from a version that does not tell;
     *     fails with {@link RefusedException} if they are too far from ours
     */
    Uni<Reply> vote(String sender, String voters, Message message);
}
