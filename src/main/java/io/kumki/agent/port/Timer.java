package io.kumki.agent.port;

import java.time.Duration;

/** Runs something later, on the loop's thread. */
public interface Timer {

    /** Never runs the task before this call has returned; can't be cancelled. */
    void after(Duration delay, Runnable task);
}
