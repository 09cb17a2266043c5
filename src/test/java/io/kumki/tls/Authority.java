package io.kumki.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** An authority and its certificates, made by the script that users run. */
public record Authority(Path folder) {

    /**
     * Makes what is missing.
     *
     * @param words options, and NAME=HOST for each
     */
    public Authority issue(String... words) {
        var command = new ArrayList<>(List.of("deploy/multi-host/certificates.sh"));
        command.add(folder.toString());
        command.addAll(List.of(words));
        run(command);
        return this;
    }

    public Path certificate() {
        return folder.resolve("ca.crt");
    }

    public PemFiles of(String name) {
        var own = folder.resolve(name);
        return new PemFiles(
                own.resolve("host.crt"), own.resolve("host.key"), own.resolve("ca.crt"));
    }

    /** Runs a program that must succeed; returns what it said. */
    public static String run(List<String> command) {
        try {
            var process = new ProcessBuilder(command).redirectErrorStream(true).start();
            var said = new String(process.getInputStream().readAllBytes());
            assertThat(process.waitFor()).as(command + ": " + said).isZero();
            return said;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
