package io.kumki.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "readmit",
        mixinStandardHelpOptions = true,
        description = "Lets the voter of the asked agent, which lost its state, vote again.")
final class ReadmitCommand implements Callable<Integer> {
    @Mixin private AgentOptions options;

    @Override
    public Integer call() {
        return options.run(
                (agents, out) -> out.println(options.said(agents.post("/api/v1/readmit", ""))));
    }
}
