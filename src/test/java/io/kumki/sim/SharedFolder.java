package io.kumki.sim;

import io.kumki.agent.port.ServerControl;
import io.kumki.core.model.Action;
import io.kumki.core.model.Action.Order;
import io.kumki.core.model.LocalServer.Remains;
import io.kumki.core.model.Lsn;
import io.kumki.core.model.Runner;
import java.util.Optional;

/** The tmpfs directory between agent and runner: gone with the machine, not with the agent. */
final class SharedFolder {
    /** The newest order as the runner reads it. */
    record Written(long id, String key, String kind, Order order, long term, String systemId) {}

    /** A lease; deadline and kill are instants of the machine's clock. */
    record Lease(long term, long deadline, long kill) {}

    private Optional<Written> order = Optional.empty();
    private Lease lease = new Lease(0, 0, 0);
    private String server = "unheard";
    private Runner state = Runner.UNHEARD;
    private Remains remains = new Remains("", 0, Lsn.ZERO, "");
    private long beat;

    Optional<Written> order() {
        return order;
    }

    Lease lease() {
        return lease;
    }

    long acknowledged() {
        return state.ack();
    }

    boolean working() {
        return state.result() == Runner.Result.RUNNING;
    }

    void write(String serverNow, Runner now, Remains left, long at) {
        server = serverNow;
        state = now;
        remains = left;
        beat = at;
    }

    ServerControl agentSide(SimNode node) {
        return new ServerControl() {
            @Override
            public State state() {
                var kind = order.map(Written::kind).orElse("");
                var given = order.map(o -> new ServerControl.Given(o.id(), o.key()));
                return new State(
                        server,
                        heard(kind, node.uptime()),
                        remains,
                        given.orElse(new ServerControl.Given(0, "")));
            }

            @Override
            public void order(Order next, long term, String systemId) {
                long id = order.map(Written::id).orElse(0L) + 1;
                order =
                        Optional.of(
                                new Written(id, next.key(term), kind(next), next, term, systemId));
                node.cluster.trace(node.name + ": order " + order.get());
            }

            @Override
            public void lease(long term, long deadline, long kill) {
                lease = new Lease(term, deadline, kill);
                node.granted(lease);
            }
        };
    }

    private Runner heard(String kind, long now) {
        if (beat == 0) {
            return Runner.UNHEARD;
        }
        return new Runner(
                kind,
                state.ack(),
                state.result(),
                state.error(),
                state.armed(),
                now - beat,
                state.history(),
                state.work(),
                state.source(),
                state.diskFree(),
                state.incident());
    }

    private static String kind(Order order) {
        return switch (order) {
            case Action.BePrimary p -> "primary";
            case Action.BeStandby s -> "standby";
            case Action.Rewind r -> "rewind";
            case Action.Clone c -> "clone";
            case Action.Stop s -> "stop";
        };
    }
}
