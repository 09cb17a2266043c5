package io.kumki.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Other programs: run to their end, or started to last. */
record Command(List<String> words, Map<String, String> environment) {
    static Command of(String... words) {
        return new Command(List.of(words), Map.of());
    }

    Command with(Map<String, String> more) {
        return new Command(words, more);
    }

    /** As the account of the servers: PostgreSQL refuses to run as root. */
    Command asServerAccount() {
        if (!isRoot()) {
            return this;
        }
        var all = new ArrayList<>(List.of("setpriv", "--reuid=postgres", "--regid=postgres"));
        all.addAll(List.of("--init-groups", "--"));
        all.addAll(words);
        return new Command(all, environment);
    }

    static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    /** What the program printed. Throws with the same if it fails or does not end in time. */
    String run(int seconds) {
        try {
            var output = Files.createTempFile("kumki-bench", ".out");
            try {
                var process = start(output);
                boolean done = process.waitFor(seconds, TimeUnit.SECONDS);
                var text = Files.readString(output, UTF_8);
                if (!done || process.exitValue() != 0) {
                    process.destroyForcibly();
                    var how = done ? "failed" : "did not end in " + seconds + " s";
                    throw new IllegalStateException(words + " " + how + ":\n" + text);
                }
                return text;
            } finally {
                Files.delete(output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(words + " was interrupted", e);
        }
    }

    Process start(Path output) {
        return start(ProcessBuilder.Redirect.appendTo(output.toFile()));
    }

    Process start(ProcessBuilder.Redirect output) {
        var builder = new ProcessBuilder(words);
        builder.environment().putAll(environment);
        builder.redirectInput(new File("/dev/null"));
        try {
            return builder.redirectErrorStream(true).redirectOutput(output).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void signal(String name, long... pids) {
        var all = new ArrayList<>(List.of("kill", "-" + name));
        for (long pid : pids) {
            all.add(Long.toString(pid));
        }
        new Command(all, Map.of()).run(5);
    }
}
