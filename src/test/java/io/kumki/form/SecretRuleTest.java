package io.kumki.form;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.SecretText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Agent and scripts take a password file for the same password, however it was written. */
class SecretRuleTest {
    private static final String WANTED = "it's a \\ s\u00e9cret:$1";
    private static final List<String> WRITTEN =
            List.of(
                    WANTED,
                    WANTED + "\n",
                    WANTED + "\r\n",
                    WANTED + "\r\n\r\n",
                    WANTED + " \t\r",
                    "\uFEFF" + WANTED + "\r\n",
                    "\uFEFF  " + WANTED,
                    "\n" + WANTED + "\u000B\f\n");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "deploy/node/kumki-runner",
                "deploy/node/kumki-role.sh",
                "deploy/compose/secrets.sh",
                "deploy/compose/adopt-checks.sh",
                "deploy/multi-host/place.sh",
                "deploy/backup/kumki-backup",
                "deploy/demo/parts.sh"
            })
    void theScriptAndTheAgentReadTheSame(String script) throws Exception {
        var rule = rule(script);
        for (var written : WRITTEN) {
            assertThat(SecretText.of(written)).isEqualTo(WANTED);
            assertThat(read(rule, written)).as(script).isEqualTo(WANTED);
        }
        assertThat(SecretText.of("\uFEFF \r\n")).isEmpty();
        assertThat(read(rule, "\uFEFF \r\n")).as(script).isEmpty();
    }

    private static String rule(String script) throws IOException {
        var found =
                Pattern.compile(
                                "^( *)secret_text\\(\\) \\{\\n.*?^\\1}\\n",
                                Pattern.MULTILINE | Pattern.DOTALL)
                        .matcher(Files.readString(Path.of(script)));
        assertThat(found.find()).as(script).isTrue();
        return found.group();
    }

    private static String read(String rule, String written) throws Exception {
        var file = Files.createTempFile("kumki-secret", "");
        try {
            Files.writeString(file, written);
            var script = rule + "\nset -eu; secret_text \"$(<\"$0\")\"; printf '%s' \"$SECRET\"";
            var process =
                    new ProcessBuilder("bash", "-c", script, file.toString())
                            .redirectErrorStream(true)
                            .start();
            var said = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertThat(process.waitFor()).as(said).isZero();
            return said;
        } finally {
            Files.delete(file);
        }
    }
}
