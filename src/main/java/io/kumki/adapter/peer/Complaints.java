package io.kumki.adapter.peer;

import io.kumki.core.model.NodeId;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Why peers are refused, told once and only if it lasts: an agent that has just restarted is taken
 * for a second one of its name until its address has been asked. Instants are milliseconds of a
 * clock that only goes forward.
 */
final class Complaints {
    static final long LASTS = 3_000;
    static final long FORGOTTEN_AFTER = 30_000;
    private static final int KEPT = 64;

    private final Map<Key, State> states = new LinkedHashMap<>(16, 0.75f, true);

    private record Key(NodeId node, String text) {}

    private record State(long first, long last, boolean told) {}

    /** Whether to tell it now. */
    synchronized boolean note(NodeId node, String text, long now) {
        var key = new Key(node, text);
        var before = states.get(key);
        boolean fresh = before == null || now - before.last() > FORGOTTEN_AFTER;
        var state = fresh ? new State(now, now, false) : before;
        boolean tell = !state.told() && now - state.first() >= LASTS;
        states.put(key, new State(state.first(), now, state.told() || tell));
        Iterator<Key> eldest = states.keySet().iterator();
        while (states.size() > KEPT) {
            eldest.next();
            eldest.remove();
        }
        return tell;
    }
}
