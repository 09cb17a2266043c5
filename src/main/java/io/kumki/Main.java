package io.kumki;

import io.kumki.cli.HealthProbe;
import io.kumki.cli.KumkiCommand;
import io.quarkus.runtime.annotations.QuarkusMain;
import picocli.CommandLine;

/**
 * One binary: picocli decides; only {@code agent} starts Quarkus. A health check waits for neither.
 */
@QuarkusMain
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(
                HealthProbe.understands(args)
                        ? HealthProbe.run(args, System.getenv())
                        : new CommandLine(new KumkiCommand()).execute(args));
    }
}
