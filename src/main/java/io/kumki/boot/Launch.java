package io.kumki.boot;

import io.kumki.config.Configuration;
import io.quarkus.runtime.Quarkus;
import java.util.Optional;

/** Starts Quarkus with a configuration that was checked before. */
public final class Launch {
    private static volatile Optional<Configuration> configuration = Optional.empty();

    private Launch() {}

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
