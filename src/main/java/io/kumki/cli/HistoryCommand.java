package io.kumki.cli;

import io.kumki.core.model.Episode;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "history",
        mixinStandardHelpOptions = true,
        description =
                "Shows the changes of the leader, newest first: why, how long, what was lost.")
final class HistoryCommand implements Callable<Integer> {
    private static final String PATH = "/api/v1/history";

    @Mixin private AgentOptions options;

    @Override
    public Integer call() {
        return options.run(
                (agents, out) -> {
                    if (options.json()) {
                        out.println(agents.get(PATH));
                    } else {
                        var episodes = List.of(agents.get(PATH, Episode[].class));
                        HistoryTable.lines(episodes, ZoneId.systemDefault()).forEach(out::println);
                    }
                });
    }
}
