package io.kumki.core.consensus;

/**
 * One message to send; its answer comes back with the same round.
 *
 * @param to name of the voter, which may be the own node
 * @param round tells answers of this broadcast from older ones; only the sender looks at it
 */
public record Outgoing(String to, long round, Message message) {}
