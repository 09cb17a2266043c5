package io.kumki.cli;

import io.kumki.api.ConfigView;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "config",
        mixinStandardHelpOptions = true,
        description = "Shows what must be equal on all nodes, and whose file says otherwise.",
        subcommands = ConfigSetCommand.class)
final class ConfigCommand implements Callable<Integer> {
    private static final String PATH = "/api/v1/config";

    @Mixin private AgentOptions options;

    @Override
    public Integer call() {
        return options.run(
                (agents, out) -> {
                    if (options.json()) {
                        out.println(agents.get(PATH));
                    } else {
                        lines(agents.get(PATH, ConfigView.class)).forEach(out::println);
                    }
                });
    }

    static List<String> lines(ConfigView config) {
        var lines = new ArrayList<String>();
        lines.addAll(Table.wrap(headline(config), "  "));
        lines.add("");
        var table = new Table("FILE OF", "TTL", "MODE", "VOTERS");
        for (var node : config.nodes()) {
            table.row(
                    node.name(),
                    node.ttl().isEmpty() ? "-" : node.ttl(),
                    node.mode().isEmpty() ? "-" : node.mode(),
                    String.join(",", node.voters()));
        }
        lines.addAll(table.lines());
        for (var node : config.nodes()) {
            for (var difference : node.differs()) {
                lines.addAll(Table.wrap(node.name() + ": " + difference, "  "));
            }
        }
        return lines;
    }

    private static String headline(ConfigView config) {
        if (!config.agreed()) {
            return "Nothing is agreed on yet: each node goes by its own file.";
        }
        var kept =
                config.keptMode().equals(config.mode())
                        ? ""
                        : " (the leader still keeps %s)".formatted(config.keptMode());
        return "Agreed on: ttl=%s mode=%s%s, voters %s; seen by %s"
                .formatted(
                        config.ttl(),
                        config.mode(),
                        kept,
                        String.join(",", config.voters()),
                        config.seenBy());
    }
}
