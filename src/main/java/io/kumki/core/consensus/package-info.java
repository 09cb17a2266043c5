/**
 * One linearizable register between the agents (single-register Paxos: Rystsov, "CASPaxos:
 * Replicated State Machines without logs", 2018) and the lease rule on top of it.
 *
 * <p>Pure state machines: time, randomness and the disk come as arguments; nothing here sends,
 * waits or logs. One thread at a time.
 */
package io.kumki.core.consensus;
