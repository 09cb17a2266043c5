package io.kumki.cli;

import io.kumki.config.LocalAgent;
import io.kumki.core.model.HostPort;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = HealthProbe.NAME,
        mixinStandardHelpOptions = true,
        description = {
            "Asks this machine's agent, for a container's health check: 0 healthy, 1 not.",
            "Healthy: it leads, or its replica streams, or it is a witness that votes."
        })
final class HealthCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(
            names = HealthProbe.LIVE,
            description = "Only: do its ticks run? What PostgreSQL does is left out.")
    private boolean live;

    @Option(
            names = "--api",
            paramLabel = "HOST:PORT",
            converter = AgentOptions.Address.class,
            description = {
                "The agent to ask.",
                "Default: `listen` from KUMKI_LISTEN or the file in KUMKI_CONFIG; 127.0.0.1:8008"
            })
    private HostPort agent;

    @Override
    public Integer call() {
        var verdict =
                agent == null
                        ? HealthProbe.here(System.getenv(), live)
                        : HealthProbe.of(
                                        new LocalAgent(
                                                agent, LocalAgent.in(System.getenv()).authority()),
                                        live)
                                .ask();
        var out = spec.commandLine().getOut();
        out.println(verdict.line());
        out.flush();
        return verdict.exit();
    }
}
