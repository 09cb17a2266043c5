package io.kumki.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The one binary: the agent, and the commands that talk to agents over HTTP. */
@Command(
        name = "kumki",
        mixinStandardHelpOptions = true,
        version = "kumki 0.1.0-SNAPSHOT",
        description = "Keeps a PostgreSQL primary and its replicas alive for Odoo.",
        subcommands = {
            AgentCommand.class,
            StatusCommand.class,
            HealthCommand.class,
            HistoryCommand.class,
            SwitchoverCommand.class,
            FailoverCommand.class,
            PauseCommand.class,
            ResumeCommand.class,
            ConfigCommand.class,
            ReadmitCommand.class,
            HelpCommand.class
        },
        footer = {
            "",
            "Exit codes: 0 done, 1 refused or failed, 2 wrong usage,",
            "69 no agent could be reached, 77 the token was refused."
        })
public final class KumkiCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    /** Without a subcommand: the help. */
    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getOut());
        return 2;
    }
}
