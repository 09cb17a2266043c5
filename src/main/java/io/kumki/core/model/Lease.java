package io.kumki.core.model;

import java.util.Optional;

/** Who may accept writes now, as far as this node can know. */
public sealed interface Lease {
    /**
     * Ours, by a renewal of this very process.
     *
     * @param remaining milliseconds until our server must have stopped
     * @param settled none of our writes to the register is undecided
     */
    record Mine(long term, long remaining, boolean settled) implements Lease {}

    /**
     * Another node's, or it must be taken for so.
     *
     * @param age milliseconds since some acceptor first saw the newest renewal
     */
    record Theirs(long term, NodeId holder, long age) implements Lease {}

    /**
     * Nobody's: it may be competed for.
     *
     * @param last who held it
     * @param age milliseconds since some acceptor first saw the newest renewal or the release
     * @param released the last holder gave it up, its server being stopped
     * @param to for whom it was given up
     */
    record Free(long term, NodeId last, long age, boolean released, Optional<NodeId> to)
            implements Lease {}

    /** The register was formed and nobody has written to it: a new cluster. */
    record Blank() implements Lease {}

    /** No majority of voters answers, and we hold nothing. */
    record Unknown(String reason) implements Lease {}
}
