package io.kumki.cli;

import io.kumki.core.model.HostPort;
import io.kumki.core.model.SecretText;
import io.kumki.wire.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The options of every command that talks to agents. */
final class AgentOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--api",
            split = ",",
            paramLabel = "HOST:PORT",
            defaultValue = "${env:KUMKI_API:-127.0.0.1:8008}",
            description = {
                "Agents to ask, tried in turn; also KUMKI_API. https:// may stand before each;",
                "it is meant where --tls-ca is given. Default: 127.0.0.1:8008"
            })
    private List<String> agents = new ArrayList<>();

    @Mixin private TlsOptions tls = new TlsOptions();

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "Holds the agents' token; also KUMKI_TOKEN_FILE, or KUMKI_TOKEN itself.")
    private Path tokenFile;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "table",
            description = "table or json. Default: ${DEFAULT-VALUE}")
    private Output output = Output.table;

    /** Spelled as on the command line. */
    enum Output {
        table,
        json
    }

    /** The work of one command. */
    @FunctionalInterface
    interface Task {
        void run(AgentClient agents, PrintWriter out) throws Failure;
    }

    static final class Address implements ITypeConverter<HostPort> {
        @Override
        public HostPort convert(String text) {
            try {
                return HostPort.parse(text.strip());
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    boolean json() {
        return output == Output.json;
    }

    /** An agent's sentence, in the wanted form. */
    String said(String message) {
        return json() ? Json.write(Map.of("message", message)) : message;
    }

    /** Runs the task; returns the exit code. */
    int run(Task task) {
        var out = spec.commandLine().getOut();
        var addresses = agents.stream().map(this::address).toList();
        try (var client = new AgentClient(addresses, tls.context(), this::token)) {
            task.run(client, out);
            out.flush();
            return 0;
        } catch (Failure failure) {
            out.flush();
            var err = spec.commandLine().getErr();
            err.println("kumki " + spec.name() + ": " + failure.getMessage());
            err.flush();
            return failure.exit();
        }
    }

    private Endpoint address(String text) {
        try {
            return Endpoint.parse(text.strip(), tls.given());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--api: " + e.getMessage(), e);
        }
    }

    private String token() throws Failure {
        var file = tokenFile == null ? environment("KUMKI_TOKEN_FILE") : tokenFile.toString();
        var direct = environment("KUMKI_TOKEN");
        if (file.isEmpty() && direct.isEmpty()) {
            throw new Failure(
                    Failure.NO_PERMISSION,
                    "this command needs the agents' token and none was given. Nothing was done."
                            + " Name its file with --token-file or KUMKI_TOKEN_FILE.");
        }
        return file.isEmpty() || (tokenFile == null && !direct.isEmpty()) ? direct : read(file);
    }

    private static String read(String file) throws Failure {
        try {
            return SecretText.of(Files.readString(Path.of(file)));
        } catch (IOException e) {
            throw new Failure(
                    Failure.NO_PERMISSION,
                    "cannot read the token file %s (%s). Nothing was done. Check path and owner."
                            .formatted(file, e.getClass().getSimpleName()));
        }
    }

    private static String environment(String name) {
        return SecretText.of(Objects.requireNonNullElse(System.getenv(name), ""));
    }
}
