package io.kumki.core.model;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the runner says of itself (docs/RUNNER.md).
 *
 * @param order the kind of the order that we gave last, e.g. "rewind"; empty if none
 * @param ack the newest order that it looked at
 * @param source HOST:PORT of the configured upstream; empty if none
 * @param armed the term under which its server may write; 0: the dead man's hand is not armed
 * @param silent milliseconds since it last wrote its state
 * @param history the timelines left behind and where, oldest first
 * @param diskFree bytes free on the data directory's file system; -1 unknown
 * @param incident the server that it ended because nobody had ordered it to write, and when; empty
 *     if none since a server came up
 */
public record Runner(
        String order,
        long ack,
        Result result,
        String error,
        long armed,
        long silent,
        List<Position> history,
        Work work,
        String source,
        long diskFree,
        String incident) {
    /** A report of an agent that does not know it yet says nothing of it. */
    public Runner {
        history = List.copyOf(history);
        incident = incident == null ? "" : incident;
    }

    /** Without an incident. */
    public Runner(
            String order,
            long ack,
            Result result,
            String error,
            long armed,
            long silent,
            List<Position> history,
            Work work,
            String source,
            long diskFree) {
        this(order, ack, result, error, armed, silent, history, work, source, diskFree, "");
    }

    public Runner after(String newIncident) {
        return new Runner(
                order,
                ack,
                result,
                error,
                armed,
                silent,
                history,
                work,
                source,
                diskFree,
                newIncident);
    }

    /** Nothing was heard from a runner yet. */
    public static final Runner UNHEARD =
            new Runner("", 0, Result.NONE, "", 0, Long.MAX_VALUE, List.of(), Work.NONE, "", -1);

    /** That order was looked at and could not be done. */
    public boolean failed(String kind) {
        return order.equals(kind) && (result == Result.FAILED || result == Result.REFUSED);
    }

    /** What is the matter in its own words: an incident, what failed or ended; else empty. */
    public String trouble() {
        return Stream.of(incident, error)
                .filter(words -> !words.isEmpty())
                .collect(Collectors.joining("; "));
    }

    /** Its directory is marked as one that opened short: whatever is ordered, it does nothing. */
    public boolean openedShort() {
        return result == Result.SHORT;
    }

    /** Where that timeline was left, if it was. */
    public Optional<Lsn> forkOf(int timeline) {
        return history.stream()
                .filter(h -> h.timeline() == timeline)
                .map(Position::lsn)
                .findFirst();
    }

    /** What became of the newest order. */
    public enum Result {
        NONE,
        RUNNING,
        DONE,
        REFUSED,
        FAILED,
        /**
         * A promotion ended below the position asked for; the server was ended before it accepted a
         * write, and its directory is kept as it is.
         */
        SHORT
    }

    /**
     * Long work and what it left.
     *
     * @param job clone, rewind or salvage; empty if none runs
     * @param salvage the folder of the WAL kept aside last; its name is the term
     * @param salvageBytes how much of it no other node has
     * @param kept the newest directory that was replaced and may hold commits that no other node
     *     has; empty if there is none
     * @param keptBytes of all such directories
     */
    public record Work(
            Optional<String> job,
            long bytes,
            long total,
            String salvage,
            long salvageBytes,
            String kept,
            long keptBytes) {
        public static final Work NONE = new Work(Optional.empty(), 0, 0, "", 0, "", 0);

        /** A report of an agent that does not know it yet says nothing of what is kept. */
        public Work {
            kept = kept == null ? "" : kept;
        }

        /** With nothing kept. */
        public Work(
                Optional<String> job, long bytes, long total, String salvage, long salvageBytes) {
            this(job, bytes, total, salvage, salvageBytes, "", 0);
        }
    }
}
