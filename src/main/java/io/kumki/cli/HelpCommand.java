package io.kumki.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kumki help}: what many type before they think of {@code --help}. */
@Command(
        name = "help",
        description = "Shows all commands, or one of them with its options.",
        mixinStandardHelpOptions = true)
final class HelpCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "COMMAND", description = "The one to explain.")
    private Optional<String> command = Optional.empty();

    @Override
    public Integer call() {
        var all = spec.parent().commandLine();
        if (command.isEmpty()) {
            all.usage(all.getOut());
            return 0;
        }
        var one = all.getSubcommands().get(command.get());
        if (one == null) {
            throw new ParameterException(
                    all, "There is no command \"" + command.get() + "\"; the list is below.");
        }
        one.usage(all.getOut());
        return 0;
    }
}
