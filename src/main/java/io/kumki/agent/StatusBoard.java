package io.kumki.agent;

import io.kumki.agent.port.Publisher;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** The last finished tick, for everybody who only wants to look. Safe to read from any thread. */
public final class StatusBoard implements Publisher {
    private final List<Publisher> others = new CopyOnWriteArrayList<>();
    private volatile Optional<Snapshot> last = Optional.empty();
    private final DecisionLog decisions = new DecisionLog();

    @Override
    public void publish(Snapshot snapshot) {
        last = Optional.of(snapshot);
        decisions.note(snapshot);
        others.forEach(p -> p.publish(snapshot));
    }

    /** Tells this one of every later tick, on the loop's thread. */
    public void tell(Publisher publisher) {
        others.add(publisher);
    }

    /** Empty until the first tick has ended. */
    public Optional<Snapshot> last() {
        return last;
    }

    public DecisionLog decisions() {
        return decisions;
    }
}
