package io.kumki.form;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What deploy/compose/check.sh finds in a .env without an engine. */
class EnvCheckTest {
    private static final Path SCRIPT = Path.of("deploy/compose/check.sh");
    private static final Path EXAMPLE = Path.of(".env.example");

    @TempDir private Path folder;

    @BeforeEach
    void install() throws IOException {
        Files.createDirectories(folder.resolve(SCRIPT).getParent());
        Files.copy(SCRIPT, folder.resolve(SCRIPT));
        Files.copy(EXAMPLE, folder.resolve(EXAMPLE));
    }

    private String check(String words, String... settings)
            throws IOException, InterruptedException {
        Files.writeString(folder.resolve(".env"), String.join("\n", settings));
        var process =
                new ProcessBuilder("bash", "-c", "source " + SCRIPT + "; " + words)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .start();
        var said = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    @Test
    void everyDocumentedNameIsTaken() throws Exception {
        var all =
                Files.readAllLines(EXAMPLE).stream()
                        .filter(line -> line.matches("#[A-Z][A-Z0-9_]*=.*"))
                        .map(line -> line.substring(1))
                        .toArray(String[]::new);
        assertThat(all).hasSizeGreaterThan(60);
        assertThat(check("check_names", all)).isEqualTo("check: .env: settings: %d\n", all.length);
    }

    @Test
    void typosAndDoublesAreTold() throws Exception {
        var said = check("check_names", "KUMKI_TLL=5s", "", "# x", "nonsense", "BIND=a", "BIND=b");
        assertThat(said)
                .contains("line 1, sets KUMKI_TLL, which nothing reads", "did you mean KUMKI_TTL?")
                .contains("line 4, is no setting")
                .contains("sets BIND in the lines 5 and 6");
    }

    @Test
    void aServersSettingsAreReadAsComposePrintsThem() throws Exception {
        var printed =
                """
                CONFIG='      - log_statement=%s
                      - archive_mode=on
                      - archive_timeout=%s
                      - wal_keep_size=512MB
                      KUMKI_NETWORK: %s
                      KUMKI_SLOT_MAX_WAL: 16GB
                        published: "5433"
                        published: "5433"'; check_values; check_ports
                """;
        assertThat(check(printed.formatted("everything", "60sec", "10.0.0.1")))
                .contains("LOG_STATEMENT is \"everything\"", "ARCHIVE_TIMEOUT is \"60sec\"")
                .contains("KUMKI_NETWORK is \"10.0.0.1\"", "two services have the port 5433")
                .doesNotContain("WAL_KEEP_SIZE", "SLOT_MAX_WAL");
        assertThat(check(printed.formatted("mod", "60s", "samenet,10.0.0.0/8,fd00::/8")))
                .contains("two services have the port 5433")
                .doesNotContain("LOG_STATEMENT", "ARCHIVE_TIMEOUT", "KUMKI_NETWORK");
    }
}
