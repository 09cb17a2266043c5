package io.kumki.adapter.odoo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a program with a deadline and keeps its last line. */
final class Shell {
    private Shell() {}

    /**
     * @param more variables beside the agent's own
     */
    static Reload run(Duration deadline, Map<String, String> more, String... program) {
        try {
            // A file, not a pipe: what the program leaves in the background can't make us wait.
            Path output = Files.createTempFile("kumki-reload", ".log");
            try {
                return run(deadline, output, more, program);
            } finally {
                Files.deleteIfExists(output);
            }
        } catch (IOException e) {
            return new Reload.Failed(
                    "%s can't be started (%s); install it or set another command"
                            .formatted(program[0], e.getMessage()));
        }
    }

    private static Reload run(
            Duration deadline, Path output, Map<String, String> more, String... program)
            throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(program)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .redirectInput(Path.of("/dev/null").toFile());
        builder.environment().putAll(more);
        Process process = builder.start();
        try {
            if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                end(process);
                return new Reload.Failed(
                        "%s had not ended after %d s and was killed; last line: %s"
                                .formatted(program[0], deadline.toSeconds(), lastLine(output)));
            }
        } catch (InterruptedException e) {
            end(process);
            Thread.currentThread().interrupt();
            return new Reload.Failed(program[0] + " was interrupted and killed");
        }
        String said = lastLine(output);
        return process.exitValue() == 0
                ? new Reload.Sent("command done: " + said)
                : new Reload.Failed("exit code " + process.exitValue() + ": " + said);
    }

    private static void end(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private static String lastLine(Path output) throws IOException {
        String text = Files.readString(output, StandardCharsets.ISO_8859_1);
        List<String> lines = text.lines().filter(it -> !it.isBlank()).toList();
        return lines.isEmpty() ? "(no output)" : lines.getLast().strip();
    }
}
