package io.kumki.cli;

import io.kumki.boot.Launch;
import io.kumki.config.Checker;
import io.kumki.config.Configuration;
import io.kumki.config.ConfigurationException;
import io.kumki.core.model.HostPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** Runs an agent until the process is told to end. */
@Command(
        name = "agent",
        mixinStandardHelpOptions = true,
        description = "Run the agent of one node.",
        footer = {
            "",
            "Every key of docs/CONFIGURATION.md can be given as --KEY=VALUE too, or as",
            "KUMKI_KEY in the environment. Command line before environment before file before default."
        })
public final class AgentCommand implements Callable<Integer> {
    private static final int BAD_CONFIGURATION = 78;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            defaultValue = "${env:KUMKI_CONFIG}",
            description = "Configuration file: key = value, # for comments.")
    private Path file;

    @Option(
            names = "--check",
            description = "Only look at the configuration: 0 if an agent would start, else 78.")
    private boolean checkOnly;

    @Spec private CommandSpec spec;

    @Unmatched private List<String> keys = new ArrayList<>();

    @Override
    public Integer call() {
        try {
            var checked = Checker.check(Optional.ofNullable(file), System.getenv(), keys);
            var objection = Launch.objection(checked);
            if (objection.isPresent()) {
                System.err.println(objection.get());
                return BAD_CONFIGURATION;
            }
            if (checkOnly) {
                spec.commandLine()
                        .getOut()
                        .println(
                                "kumki agent: the configuration of %s is well; nothing was started."
                                        .formatted(checked.settings().self()));
                return 0;
            }
            var taken = taken(checked.listen());
            if (taken.isPresent()) {
                System.err.println(taken.get());
                return BAD_CONFIGURATION;
            }
            run(checked);
            return 0;
        } catch (ConfigurationException e) {
            System.err.println(e.getMessage());
            return BAD_CONFIGURATION;
        }
    }

    private static void run(Configuration checked) {
        Launch.run(checked);
    }

    /** Says why nobody could listen there. */
    private static Optional<String> taken(HostPort listen) {
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(listen.host(), listen.port()));
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(
                    """
                    kumki agent: cannot listen on %s: %s.
                    Nothing was started. Another program, perhaps another agent, has that port: \
                    stop it, or set `listen` to another one here and in every node's `peers`.\
                    """
                            .formatted(listen, e.getMessage()));
        }
    }
}
