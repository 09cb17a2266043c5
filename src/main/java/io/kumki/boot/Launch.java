package io.kumki.boot;

import io.kumki.adapter.register.PosixDisk;
import io.kumki.config.Configuration;
import io.kumki.core.consensus.AcceptorStore;
import io.kumki.wire.Json;
import io.quarkus.runtime.Quarkus;
import java.util.Optional;

/** Starts Quarkus with a configuration that was checked before. */
public final class Launch {
    private static volatile Optional<Configuration> configuration = Optional.empty();

    private Launch() {}

    /**
     * Why an agent must not start, by what its own voter knows; docs/RUNBOOK.md, Voters.
     *
     * @return empty too if the voter knows nothing, or nothing that this version can read: what it
     *     is worth shows at the start
     */
    public static Optional<String> objection(Configuration checked) {
        var store = new AcceptorStore(new PosixDisk(checked.stateDir()));
        if (!(store.load() instanceof AcceptorStore.Loaded loaded)
                || loaded.state().value().isEmpty()) {
            return Optional.empty();
        }
        try {
            return new Json.Records()
                    .decode(loaded.state().value())
                    .agreed()
                    .flatMap(agreed -> agreed.objection(checked.peers().keySet()))
                    .map(why -> "kumki agent: " + why + ".\nNothing was started.");
        } catch (IllegalArgumentException unreadable) {
            return Optional.empty();
        }
    }

    /** Runs until the process is told to end. */
    public static void run(Configuration checked) {
        configuration = Optional.of(checked);
        System.setProperty("quarkus.http.host", checked.listen().host());
        System.setProperty("quarkus.http.port", Integer.toString(checked.listen().port()));
        Quarkus.run();
    }

    static Configuration configuration() {
        return configuration.orElseThrow(
                () -> new IllegalStateException("start the agent with `kumki agent`"));
    }
}
