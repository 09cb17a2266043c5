package io.kumki.core.model;

/** How far a server's WAL goes, and on which timeline. */
public record Position(int timeline, Lsn lsn) {
    @Override
    public String toString() {
        return lsn + " on timeline " + timeline;
    }
}
