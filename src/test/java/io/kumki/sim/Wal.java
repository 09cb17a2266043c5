package io.kumki.sim;

import io.kumki.core.model.Lsn;
import io.kumki.core.model.Position;
import java.util.ArrayList;
import java.util.List;

/** The write-ahead log of one server, and the timelines that it left behind. */
final class Wal {
    private static final long BEGIN = 0x1000028;

    /**
     * One record.
     *
     * @param id never used twice, so equal entries are the very same record
     * @param commit it is a client's commit
     */
    record Entry(long id, boolean commit, int timeline, long start, long end) {}

    private final List<Entry> entries = new ArrayList<>();
    private List<Position> history = new ArrayList<>();
    private int timeline = 1;
    private int highestTimeline = 1;

    List<Entry> entries() {
        return entries;
    }

    int size() {
        return entries.size();
    }

    int timeline() {
        return timeline;
    }

    List<Position> history() {
        return List.copyOf(history);
    }

    long end() {
        return entries.isEmpty() ? BEGIN : entries.get(entries.size() - 1).end();
    }

    /** Where that many records end. */
    long endOf(int records) {
        return records >= size() ? end() : records == 0 ? BEGIN : entries.get(records - 1).end();
    }

    void keep(int records) {
        entries.subList(Math.min(records, size()), size()).clear();
    }

    Position position() {
        return new Position(timeline, new Lsn(end()));
    }

    Entry append(long id, boolean commit, long bytes) {
        var entry = new Entry(id, commit, timeline, end(), end() + bytes);
        entries.add(entry);
        return entry;
    }

    /**
     * A promotion: the next timeline after all that are known here, and at least the term's number
     * (ADR 8).
     */
    void fork(long term) {
        history.add(position());
        timeline = Math.max(Math.max(timeline, highestTimeline) + 1, Math.toIntExact(term));
        highestTimeline = timeline;
    }

    void know(int other) {
        highestTimeline = Math.max(highestTimeline, other);
    }

    /** As PostgreSQL judges it: by timeline and position, not by content. */
    boolean canFeed(int standbyTimeline, long standbyEnd) {
        return leftAt(standbyTimeline) >= standbyEnd;
    }

    /** Where this log left that timeline; its own end for the present one; -1 if never there. */
    long leftAt(int other) {
        if (other == timeline) {
            return end();
        }
        return history.stream()
                .filter(h -> h.timeline() == other)
                .mapToLong(h -> h.lsn().bytes())
                .findFirst()
                .orElse(-1);
    }

    /** True if the other log goes on from exactly this one. */
    boolean isPrefixOf(Wal other) {
        return size() <= other.size()
                && (size() == 0 || entries.get(size() - 1).equals(other.entries.get(size() - 1)));
    }

    /** Takes streamed records over; ignored unless they go on from here. */
    boolean extend(int from, List<Entry> more, List<Position> sourceHistory) {
        if (from != size() || more.isEmpty()) {
            return false;
        }
        entries.addAll(more);
        follow(more.get(more.size() - 1).timeline(), sourceHistory);
        return true;
    }

    private void follow(int newTimeline, List<Position> sourceHistory) {
        timeline = newTimeline;
        know(newTimeline);
        history = new ArrayList<>();
        sourceHistory.stream().filter(h -> h.timeline() < newTimeline).forEach(history::add);
    }

    /** pg_rewind: back to where both histories part; on one and the same timeline, nothing. */
    void rewindTo(Wal source) {
        if (timeline == source.timeline) {
            return;
        }
        int shared = commonTimeline(source);
        long fork = Math.min(leftAt(shared), source.leftAt(shared));
        entries.removeIf(e -> e.start() >= fork);
        int reached = entries.isEmpty() ? 1 : entries.get(entries.size() - 1).timeline();
        follow(reached, source.history);
    }

    private int commonTimeline(Wal source) {
        int shared = 1;
        for (int candidate = 1; candidate <= timeline; candidate++) {
            boolean both = leftAt(candidate) >= 0 && source.leftAt(candidate) >= 0;
            boolean sameBeginning = beginOf(candidate) == source.beginOf(candidate);
            shared = both && sameBeginning ? candidate : shared;
        }
        return shared;
    }

    private long beginOf(int wanted) {
        long begin = 0;
        for (var left : history) {
            begin = left.timeline() < wanted ? left.lsn().bytes() : begin;
        }
        return begin;
    }

    void copy(Wal source) {
        entries.clear();
        entries.addAll(source.entries);
        timeline = source.timeline;
        highestTimeline = Math.max(highestTimeline, source.highestTimeline);
        history = new ArrayList<>(source.history);
    }

    void clear() {
        entries.clear();
        history = new ArrayList<>();
        timeline = 1;
        highestTimeline = 1;
    }
}
