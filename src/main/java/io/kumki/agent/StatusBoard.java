package io.kumki.agent;

import io.kumki.agent.port.Publisher;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jboss.logging.Logger;

/** The last finished tick, for everybody who only wants to look. Safe to read from any thread. */
public final class StatusBoard implements Publisher {
    private static final Logger LOG = Logger.getLogger(StatusBoard.class);

    private final List<Publisher> others = new CopyOnWriteArrayList<>();
    private volatile Optional<Snapshot> last = Optional.empty();
    private volatile long at;
    private final DecisionLog decisions = new DecisionLog();

    @Override
    public void publish(Snapshot snapshot) {
        last = Optional.of(snapshot);
        at = System.nanoTime();
        decisions.note(snapshot);
        others.forEach(p -> tell(p, snapshot));
    }

    /** One that fails must not keep the others from hearing it. */
    private static void tell(Publisher publisher, Snapshot snapshot) {
        try {
            publisher.publish(snapshot);
        } catch (RuntimeException e) {
            LOG.errorf(e, "%s failed; the tick goes on", publisher.getClass().getSimpleName());
        }
    }

    /** Tells this one of every later tick, on the loop's thread. */
    public void tell(Publisher publisher) {
        others.add(publisher);
    }

    /** How long ago the last tick ended; forever if none has. */
    public Duration age() {
        return last.isEmpty()
                ? Duration.ofSeconds(Long.MAX_VALUE)
                : Duration.ofNanos(System.nanoTime() - at);
    }

    /** Empty until the first tick has ended. */
    public Optional<Snapshot> last() {
        return last;
    }

    public DecisionLog decisions() {
        return decisions;
    }
}
