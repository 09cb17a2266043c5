package io.kumki.cli;

import io.kumki.api.ClusterView;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = "Shows who leads, how every node is, and whether a failover is possible.")
final class StatusCommand implements Callable<Integer> {
    private static final String PATH = "/api/v1/cluster";

    @Mixin private AgentOptions options;

    @Override
    public Integer call() {
        return options.run(
                (agents, out) -> {
                    if (options.json()) {
                        out.println(agents.get(PATH));
                    } else {
                        StatusTable.lines(agents.get(PATH, ClusterView.class))
                                .forEach(out::println);
                    }
                });
    }
}
