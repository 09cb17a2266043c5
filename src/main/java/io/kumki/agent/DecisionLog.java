package io.kumki.agent;

import io.kumki.core.model.Rule;
import io.kumki.core.model.Words;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/** The latest decisions, one entry for a row of equal rules; a quiet day is a short log. */
public final class DecisionLog {
    private static final Logger LOG = Logger.getLogger(DecisionLog.class);
    private static final int KEPT = 200;

    private final Deque<Entry> entries = new ArrayDeque<>();
    private final Map<Rule, Long> counts = new EnumMap<>(Rule.class);
    private long ticks;

    /**
     * A row of ticks that decided by the same rule.
     *
     * @param at milliseconds since 1970 of the first one
     * @param ticks how many
     * @param because the last one's reason
     */
    public record Entry(long at, String rule, String action, String because, long ticks) {}

    synchronized void note(Snapshot snapshot) {
        var decision = snapshot.decision();
        ticks++;
        counts.merge(decision.rule(), 1L, Long::sum);
        var newest = Optional.ofNullable(entries.peekLast());
        var action = Words.of(decision.action());
        if (newest.filter(e -> e.rule().equals(decision.rule().id())).isPresent()) {
            var entry = entries.removeLast();
            entries.add(
                    new Entry(
                            entry.at(),
                            entry.rule(),
                            action,
                            decision.because(),
                            entry.ticks() + 1));
            return;
        }
        LOG.infof(
                "decision node=%s rule=%s was=%s action=\"%s\" because=\"%s\"",
                snapshot.view().self(),
                decision.rule().id(),
                newest.map(Entry::rule).orElse("none"),
                action,
                decision.because());
        entries.add(new Entry(snapshot.at(), decision.rule().id(), action, decision.because(), 1));
        if (entries.size() > KEPT) {
            entries.removeFirst();
        }
    }

    /** Oldest first. */
    public synchronized List<Entry> entries() {
        return List.copyOf(entries);
    }

    /** How often each rule has decided since the start. */
    public synchronized Map<Rule, Long> counts() {
        return new EnumMap<>(counts);
    }

    public synchronized long ticks() {
        return ticks;
    }
}
