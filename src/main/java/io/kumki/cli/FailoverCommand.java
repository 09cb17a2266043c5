package io.kumki.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "failover",
        mixinStandardHelpOptions = true,
        description = {
            "Promotes NODE once the lease is free, although it may lack acknowledged commits.",
            "For a planned change of the leader use `kumki switchover`: it loses nothing."
        })
final class FailoverCommand implements Callable<Integer> {
    @Mixin private AgentOptions options;
    @Mixin private ReasonOption reason;

    @Parameters(paramLabel = "NODE", description = "The new leader.")
    private String node = "";

    @Option(
            names = "--accept-data-loss",
            required = true,
            description = "Required: says that you know what may be lost.")
    private boolean accepted;

    @Override
    public Integer call() {
        return options.run(
                (agents, out) ->
                        out.println(
                                options.said(
                                        agents.post(
                                                "/api/v1/failover",
                                                reason.body(Map.of("to", node))))));
    }
}
