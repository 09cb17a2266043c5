package io.kumki.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Programs of the checkout and of the machine. */
final class Commands {
    static final Path CHECKOUT = Path.of(System.getProperty("kumki.checkout", "")).toAbsolutePath();
    private static final int PATIENCE_SECONDS = 300;
    private static final Set<String> CHOICES =
            Set.of("KUMKI_EXECUTABLE", "KUMKI_PGBIN", "KUMKI_NO_INSTALL", "KUMKI_APT_FRESH");

    private Commands() {}

    /**
     * @param output everything that the program wrote
     */
    record Result(int exit, String output) {}

    static ProcessBuilder builder(List<String> command, Map<String, String> environment) {
        var builder =
                new ProcessBuilder(command)
                        .directory(CHECKOUT.toFile())
                        .redirectErrorStream(true)
                        .redirectInput(Path.of("/dev/null").toFile());
        // What the caller's shell has set is meant for the tests: an agent would take it for its
        // own.
        builder.environment().keySet().removeIf(name -> name.startsWith("KUMKI_"));
        builder.environment().putAll(environment);
        return builder;
    }

    /** What the caller may have set for {@code ./demo} and for what looks for PostgreSQL. */
    static Map<String, String> choices() {
        var choices = new HashMap<>(System.getenv());
        choices.keySet().retainAll(CHOICES);
        return choices;
    }

    /** Runs a program to its end. */
    static Result attempt(List<String> command, Map<String, String> environment) {
        try {
            var output = Files.createTempFile("kumki-it", ".out");
            var process = builder(command, environment).redirectOutput(output.toFile()).start();
            boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
            process.destroy();
            var text = Files.readString(output);
            Files.delete(output);
            assertThat(ended).as("%s ended in time; it said: %s", command, text).isTrue();
            return new Result(process.exitValue(), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Runs a program that must succeed; returns what it said. */
    static String run(Map<String, String> environment, String... command) {
        var result = attempt(List.of(command), environment);
        assertThat(result.exit()).as("%s said: %s", List.of(command), result.output()).isZero();
        return result.output();
    }

    static String run(String... command) {
        return run(Map.of(), command);
    }

    static boolean root() {
        return run("id", "-u").strip().equals("0");
    }
}
