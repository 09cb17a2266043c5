package io.kumki.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "resume", mixinStandardHelpOptions = true, description = "Ends a pause.")
final class ResumeCommand implements Callable<Integer> {
    @Mixin private AgentOptions options;
    @Mixin private ReasonOption reason;

    @Override
    public Integer call() {
        return options.run(
                (agents, out) ->
                        out.println(options.said(agents.post("/api/v1/resume", reason.body()))));
    }
}
