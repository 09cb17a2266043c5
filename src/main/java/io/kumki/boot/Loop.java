package io.kumki.boot;

import io.kumki.agent.port.Timer;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** The one thread on which the agent thinks. */
final class Loop implements Timer, Executor {
    private static final Logger LOG = Logger.getLogger(Loop.class);

    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        var loop = new Thread(task, "kumki-loop");
                        loop.setDaemon(true);
                        return loop;
                    });

    @Override
    public void after(Duration delay, Runnable task) {
        thread.schedule(guarded(task), delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void execute(Runnable task) {
        thread.execute(guarded(task));
    }

    /** An executor would keep the failure to itself. */
    private static Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                LOG.error("a task of the loop failed; the loop goes on", e);
            }
        };
    }
}
