package io.kumki.core.model;

import java.util.Locale;

/** What a commit waits for. */
public enum Mode {
    /** For nobody: the fastest; a failover may lose the last commits, bounded and reported. */
    ASYNC,
    /**
     * For one standby while a healthy one is there. When none is, commits go on alone, but only
     * after the register says that no standby is safe to promote.
     */
    SYNC;

    /** As in a configuration file. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
