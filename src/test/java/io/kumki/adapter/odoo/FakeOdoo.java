package io.kumki.adapter.odoo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A real process that behaves to signals as Odoo does: bash that connects to {@code db_host} and
 * {@code db_port} of its odoo.conf and executes itself anew, under the same pid, on SIGHUP.
 */
record FakeOdoo(Process process) implements AutoCloseable {
    private static final String SCRIPT =
            """
            conf=$1; ready=$2; self=$0
            host=$(sed -n 's/^db_host *= *//p' "$conf"); port=$(sed -n 's/^db_port *= *//p' "$conf")
            exec 9<>"/dev/tcp/$host/$port"
            %s
            echo x >> "$ready"
            while :; do read -r -t 0.05 <> <(:) || :; done
            """;

    static final String FOLLOWS = "trap 'exec 9>&-; exec bash \"$self\" \"$conf\" \"$ready\"' HUP";
    static final String DEAF = "trap : HUP";

    /** Is ready when it has written a line to the file {@code ready} beside the conf. */
    static FakeOdoo start(Path conf, String trap, Map<String, String> environment, String... more)
            throws IOException {
        Path script = conf.resolveSibling("odoo-bin");
        Files.writeString(script, SCRIPT.formatted(trap));
        Path ready = conf.resolveSibling("ready");
        List<String> command =
                new ArrayList<>(
                        List.of("bash", script.toString(), conf.toString(), ready.toString()));
        command.addAll(List.of(more));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        builder.redirectErrorStream(true).redirectOutput(conf.resolveSibling("log").toFile());
        FakeOdoo odoo = new FakeOdoo(builder.start());
        awaitStarts(ready, 1);
        return odoo;
    }

    static void awaitStarts(Path ready, int count) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!Files.exists(ready) || Files.readAllLines(ready).size() < count) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("Odoo did not start " + count + " times in 20 s");
            }
            Thread.onSpinWait();
            pause();
        }
    }

    static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().onExit().join();
    }
}
