package io.kumki.agent.port;

import io.kumki.core.consensus.Message;
import io.kumki.core.consensus.Reply;
import io.smallrye.mutiny.Uni;

/** The way to every voter, the own one included. */
public interface Voters {

    /**
     * Sends one message and gives the answer to this very message. Never blocks, never throws;
     * answers on the loop's thread; fails the Uni when no answer came within its own deadline, in
     * which case the message may have arrived all the same.
     */
    Uni<Reply> send(String voter, Message message);
}
