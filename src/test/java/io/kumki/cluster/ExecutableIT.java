package io.kumki.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.cli.KumkiCommand;
import io.kumki.support.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/**
 * The command line of the program as it is shipped, with no agent near. Run it with {@code
 * KUMKI_EXECUTABLE=FILE} to prove a native one.
 */
@Tag("calm")
class ExecutableIT {
    @TempDir private static Path home;

    private static Executable executable;

    @BeforeAll
    static void install() {
        executable = Executable.installedIn(home);
    }

    static Set<String> commands() {
        return new CommandLine(new KumkiCommand()).getSubcommands().keySet();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandExplainsItself(String command) {
        var result = run(Map.of(), command, "--help");

        assertThat(result.exit()).as(result.output()).isZero();
        assertThat(result.output()).startsWith("Usage: kumki " + command);
    }

    @Test
    void theProgramExplainsItself() {
        assertThat(run(Map.of(), "--version").output()).startsWith("kumki ");
        assertThat(run(Map.of(), "--help").output()).contains(commands());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nonsense | 2 | Unmatched argument",
                "status --output yaml | 2 | expected one of [table, json]",
                "status --api nowhere | 2 | HOST:PORT",
                "status | 69 | no agent answered",
                "history -o json | 69 | no agent answered",
                "pause | 77 | needs the agents' token",
                "failover n1 | 2 | --accept-data-loss",
                "health | 1 | unhealthy: no answer",
                "health --live | 1 | /liveness",
                "agent | 78 | docs/CONFIGURATION.md",
                "agent --token=secret | 78 | readable by every user",
                "agent --config /nowhere | 78 | cannot read the configuration file"
            })
    void whatCannotBeDoneIsSaidWithItsExitCode(String words, int exit, String said)
            throws IOException {
        var nobody = "127.0.0.1:" + FreePort.next();
        var result = run(Map.of("KUMKI_API", nobody, "KUMKI_LISTEN", nobody), words.split(" "));

        assertThat(result.output()).contains(said);
        assertThat(result.exit()).as(result.output()).isEqualTo(exit);
    }

    @Test
    void everyWordOfTheConfigurationIsChecked() throws IOException {
        var file = Files.writeString(home.resolve("agent.conf"), "nod = n1\nttl = 3 elephants\n");

        var result = run(Map.of(), "agent", "--config", file.toString());

        assertThat(result.exit()).as(result.output()).isEqualTo(78);
        assertThat(result.output())
                .contains("did you mean `node`?")
                .contains("such as 500ms, 3s, 2m");
    }

    private static Commands.Result run(Map<String, String> environment, String... words) {
        return Commands.attempt(executable.command(List.of(words)), environment);
    }
}
