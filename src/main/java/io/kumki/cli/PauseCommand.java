package io.kumki.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "pause",
        mixinStandardHelpOptions = true,
        description = {
            "No failover, promotion, rejoin or clone by itself, until resume.",
            "The leader stays: if its server crashes it is started in place."
        })
final class PauseCommand implements Callable<Integer> {
    @Mixin private AgentOptions options;
    @Mixin private ReasonOption reason;

    @Override
    public Integer call() {
        return options.run(
                (agents, out) ->
                        out.println(options.said(agents.post("/api/v1/pause", reason.body()))));
    }
}
