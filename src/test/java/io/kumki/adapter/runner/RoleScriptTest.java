package io.kumki.adapter.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** deploy/node/kumki-role.sh where it must not even call a server. */
class RoleScriptTest {

    /** It said "Nothing was changed" once, and then set an empty password. */
    @Test
    void aPasswordWithALineBreakIsRefusedBeforeAServerIsAsked() throws Exception {
        var builder = new ProcessBuilder("bash", "deploy/node/kumki-role.sh");
        builder.environment().put("KUMKI_REPLICATION_PASSWORD", "one\ntwo");
        builder.environment().put("KUMKI_POSTGRES_PASSWORD", "three");
        builder.environment().put("PGHOST", "/nowhere");
        var script = builder.redirectErrorStream(true).start();
        var said = new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(script.waitFor()).isEqualTo(64);
        assertThat(said).containsOnlyOnce("kumki-role:").doesNotContain("psql");
    }
}
