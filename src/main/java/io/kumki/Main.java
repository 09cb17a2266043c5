package io.kumki;

import io.kumki.cli.HealthProbe;
import io.kumki.cli.KumkiCommand;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.security.Security;
import picocli.CommandLine;

/**
 * One binary: picocli decides; only {@code agent} starts Quarkus. A health check waits for neither.
 */
@QuarkusMain
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        forgetAddressesSoon();
        System.exit(
                HealthProbe.understands(args)
                        ? HealthProbe.run(args, System.getenv())
                        : new CommandLine(new KumkiCommand()).execute(args));
    }

    /**
     * Containers that restart may swap their addresses. Java remembers one for 30 s, and for so
     * long an agent would call the wrong peer, or ask the wrong server. Has to come before the
     * first look-up (InetAddressCachePolicy reads it once).
     */
    private static void forgetAddressesSoon() {
        Security.setProperty("networkaddress.cache.ttl", "1");
        Security.setProperty("networkaddress.cache.negative.ttl", "0");
    }
}
