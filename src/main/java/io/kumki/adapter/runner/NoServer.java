package io.kumki.adapter.runner;

import io.kumki.agent.port.Catalog;
import io.kumki.agent.port.ServerControl;
import io.kumki.core.model.Action.Order;
import io.kumki.core.model.Action.Slots;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.Runner;
import io.smallrye.mutiny.Uni;

/** A witness: it has neither a server nor a runner, and is never ordered anything. */
public final class NoServer implements ServerControl, Catalog {
    private static final State NOTHING =
            new State("empty", Runner.UNHEARD, StateFile.NO_REMAINS, new Given(0, ""));

    @Override
    public State state() {
        return NOTHING;
    }

    @Override
    public void order(Order order, long term, String systemId) {
        throw new IllegalStateException("a witness was given the order " + order);
    }

    @Override
    public void lease(long term, long deadline, long kill) {
        throw new IllegalStateException("a witness was given a lease");
    }

    @Override
    public Uni<LocalServer> poll() {
        return Uni.createFrom().item(new LocalServer.Empty());
    }

    @Override
    public Uni<Void> checkpoint() {
        return Uni.createFrom().failure(new IllegalStateException("a witness has no server"));
    }

    @Override
    public Uni<Void> manage(Slots slots) {
        return Uni.createFrom().failure(new IllegalStateException("a witness has no server"));
    }
}
