package io.kumki.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/**
 * PostgreSQL's server programs, found as {@code ./demo} finds them: {@code KUMKI_PGBIN}, else the
 * newest that Debian's packages brought, else what is on PATH.
 */
public final class PostgresPrograms {
    private static final Path VERSIONS = Path.of("/usr/lib/postgresql");

    private PostgresPrograms() {}

    /** The folder; empty where they are on PATH only. */
    public static Path folder() {
        var given = System.getenv("KUMKI_PGBIN");
        if (given != null && !given.isBlank()) {
            return Path.of(given);
        }
        if (!Files.isDirectory(VERSIONS)) {
            return Path.of("");
        }
        try (var versions = Files.list(VERSIONS)) {
            return versions.map(version -> version.resolve("bin"))
                    .filter(bin -> Files.isExecutable(bin.resolve("postgres")))
                    .max(Comparator.comparing(PostgresPrograms::major))
                    .orElse(Path.of(""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What starts one of them. */
    public static String program(String name) {
        return folder().resolve(name).toString();
    }

    private static int major(Path bin) {
        var digits = bin.getParent().getFileName().toString().replaceAll("\\D.*", "");
        return digits.isEmpty() ? 0 : Integer.parseInt(digits);
    }
}
