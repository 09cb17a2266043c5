package io.kumki.adapter.alert;

import java.util.Optional;

/**
 * Something that is so for a while. Every agent follows it; only one of them speaks, so that a
 * change of the speaker neither repeats nor loses the end of it.
 *
 * @param key the same in every tick
 * @param hold milliseconds that it must last before it is told
 * @param linger milliseconds that it must be over before its end is told
 * @param end empty: its end is not told
 */
record Condition(
        String key,
        boolean active,
        long hold,
        long linger,
        Speaker speaker,
        Alert begin,
        Optional<Alert> end) {

    boolean speaksFirst() {
        return speaker == Speaker.US || speaker == Speaker.US_TO_THE_END;
    }

    boolean speaksLast(State state) {
        return switch (speaker) {
            case US -> true;
            case ANOTHER -> false;
            case US_TO_THE_END, WHO_BEGAN -> state.spoke();
        };
    }

    /** Who tells. */
    enum Speaker {
        /** This agent, now. */
        US,
        /** Another agent, now. */
        ANOTHER,
        /** This agent, and it tells the end whoever speaks then. */
        US_TO_THE_END,
        /** Another agent, unless we told the begin. */
        WHO_BEGAN
    }

    /**
     * What is remembered of one between two ticks.
     *
     * @param since uptime in milliseconds at which {@code active} last changed
     * @param told by anybody, as far as we can know
     * @param spoke it was us who told
     */
    record State(boolean active, long since, boolean told, boolean spoke) {
        static State quiet(long uptime) {
            return new State(false, uptime, false, false);
        }

        State next(Condition now, long uptime) {
            return now.active() == active ? this : new State(now.active(), uptime, told, spoke);
        }

        State begun(Condition now) {
            return new State(active, since, true, now.speaksFirst());
        }

        State ended() {
            return new State(active, since, false, false);
        }

        boolean begins(Condition now, long uptime) {
            return active && !told && uptime - since >= now.hold();
        }

        boolean ends(Condition now, long uptime) {
            return !active && told && uptime - since >= now.linger();
        }
    }
}
