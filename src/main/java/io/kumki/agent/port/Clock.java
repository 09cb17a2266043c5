package io.kumki.agent.port;

/** The only clock of the loop. */
@FunctionalInterface
public interface Clock {
    /** Milliseconds of {@code /proc/uptime}: monotonic, and it goes on during a suspend. */
    long uptime();
}
