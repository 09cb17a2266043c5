package io.kumki.adapter.alert;

import java.util.Optional;

/**
 * Something that is so for a while. Every agent follows it; only one of them speaks, so that a
 * change of the speaker neither repeats nor loses the end of it.
 *
 * @param key the same in every tick
 * @param hold milliseconds that it must last before it is told
 * @param linger milliseconds that it must be over before its end is told
 * @param speaks this agent tells
 * @param end empty: its end is not told
 */
record Condition(
        String key,
        boolean active,
        long hold,
        long linger,
        boolean speaks,
        Alert begin,
        Optional<Alert> end) {

    /**
     * What is remembered of one between two ticks.
     *
     * @param since uptime in milliseconds at which {@code active} last changed
     */
    record State(boolean active, long since, boolean told) {
        State next(Condition now, long uptime) {
            return now.active() == active ? this : new State(now.active(), uptime, told);
        }

        boolean begins(Condition now, long uptime) {
            return active && !told && uptime - since >= now.hold();
        }

        boolean ends(Condition now, long uptime) {
            return !active && told && uptime - since >= now.linger();
        }
    }
}
