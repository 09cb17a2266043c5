package io.kumki.core.consensus;

/** Where a voter stands; see {@link Formation}. */
public enum Standing {
    /** No file: it was never formed, or the file is lost. It abstains. */
    FRESH,
    /** Formed, and never promised nor accepted anything. */
    BLANK,
    /** Has state and votes with it. */
    VOTING,
    /** Has lost its state, and must not vote before it is re-admitted. */
    ABSTAINING
}
