package io.kumki.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "pause",
        mixinStandardHelpOptions = true,
        description = "Stops failover, promotion and rejoin by themselves, until resume.")
final class PauseCommand implements Callable<Integer> {
    @Mixin private AgentOptions options;

    @Override
    public Integer call() {
        return options.run(
                (agents, out) -> out.println(options.said(agents.post("/api/v1/pause", ""))));
    }
}
