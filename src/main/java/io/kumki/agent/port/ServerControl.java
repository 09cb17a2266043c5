package io.kumki.agent.port;

import io.kumki.core.model.Action.Order;
import io.kumki.core.model.LocalServer.Remains;
import io.kumki.core.model.Runner;
import java.util.Map;

/** The runner's side of the shared directory (docs/RUNNER.md). Never blocks for long. */
public interface ServerControl {
    /** What the runner wrote last. */
    State state();

    /**
     * Gives an order under a new number.
     *
     * @param systemId what the directory must be; empty if it does not matter yet
     */
    void order(Order order, long term, String systemId);

    /**
     * How long the server may accept writes; instants of {@link Clock}, in milliseconds. A deadline
     * of 0 ends it at once.
     */
    void lease(long term, long deadline, long kill);

    /**
     * @param server empty, stopped, crashed, starting, primary, standby, stopping; or unheard
     * @param given the last order and its term, as given by this node's agent, now or earlier
     * @param needs settings that a standby must have at least, as its control file says
     */
    record State(
            String server,
            Runner runner,
            Remains remains,
            Given given,
            Map<String, Integer> needs) {
        public State {
            needs = Map.copyOf(needs);
        }

        /** Of whose needs nothing is known. */
        public State(String server, Runner runner, Remains remains, Given given) {
            this(server, runner, remains, given, Map.of());
        }
    }

    /**
     * @param key tells two orders apart: the same key means the same order
     */
    record Given(long id, String key) {}
}
