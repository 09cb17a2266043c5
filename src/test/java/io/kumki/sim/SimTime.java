package io.kumki.sim;

import java.util.Comparator;
import java.util.PriorityQueue;

/** Virtual true time in milliseconds and the events to come, in a repeatable order. */
final class SimTime {

    private record Event(long at, long number, Runnable task) {}

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparing(Event::number));
    private long now;
    private long number;

    long now() {
        return now;
    }

    void after(long millis, Runnable task) {
        events.add(new Event(now + Math.max(0, millis), number++, task));
    }

    /** Runs the next event if it is due by then; false if none is. */
    boolean step(long until) {
        if (events.isEmpty() || events.peek().at() > until) {
            now = Math.max(now, until);
            return false;
        }
        var event = events.remove();
        now = event.at();
        event.task().run();
        return true;
    }
}
