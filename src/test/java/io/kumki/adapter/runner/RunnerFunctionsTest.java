package io.kumki.adapter.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Functions of the runner in states that a real server is in for microseconds only. */
class RunnerFunctionsTest {
    private static final String RUNNER = "deploy/node/kumki-runner";

    /** A process listed may be gone before it is looked at; the server must not pay for that. */
    @Test
    void aServersProcessThatEndsMeanwhileDoesNotEndTheRunner() throws Exception {
        var said =
                bash(
                        """
                        set -uo pipefail
                        PGDATA=/nowhere
                        server_processes() { PROCESSES=(%s); }
                        %s
                        streaming || echo "the runner lives"
                        """
                                .formatted(ended(), function("streaming")));
        assertThat(said).isEqualTo("the runner lives\n");
    }

    /** The pid of a process that is gone. */
    private static long ended() throws IOException, InterruptedException {
        var process = new ProcessBuilder("true").start();
        process.waitFor();
        return process.pid();
    }

    private static String function(String name) throws IOException {
        var found =
                Pattern.compile(
                                "^" + name + "\\(\\) \\{\\n.*?^}\\n",
                                Pattern.MULTILINE | Pattern.DOTALL)
                        .matcher(Files.readString(Path.of(RUNNER)));
        assertThat(found.find()).as(name).isTrue();
        return found.group();
    }

    private static String bash(String script) throws IOException {
        var process = new ProcessBuilder("bash", "-c", script).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
