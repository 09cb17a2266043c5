package io.kumki.core.consensus;

import java.util.Comparator;
import java.util.PriorityQueue;

/** Virtual true time in milliseconds and the events to come, in a repeatable order. */
final class SimulatedTime {

    private record Event(long at, long number, Runnable task) {}

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparing(Event::number));
    private long now;
    private long number;

    long now() {
        return now;
    }

    void after(long delayMillis, Runnable task) {
        events.add(new Event(now + Math.max(0, delayMillis), number++, task));
    }

    /** Runs every event up to this instant. */
    void runUntil(long until) {
        while (!events.isEmpty() && events.peek().at() <= until) {
            step();
        }
        now = until;
    }

    /** Runs one event; false if there is none. */
    boolean step() {
        if (events.isEmpty()) {
            return false;
        }
        var event = events.remove();
        now = event.at();
        event.task().run();
        return true;
    }
}
