package io.kumki.adapter.alert;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.kumki.adapter.alert.Alert.Severity;
import io.kumki.adapter.alert.AlertSettings.Format;
import io.kumki.api.Scene;
import io.kumki.wire.Json;
import org.junit.jupiter.api.Test;

class LetterTest {
    private final Alert alert =
            Alert.of("failover", Severity.CRITICAL, "n2 leads", "Because: <a> & b\nTook 3.6 s.")
                    .with("lostBytes", 0);

    @Test
    void slackGetsOneBoldLineAndTheRest() {
        var letter = Letter.write(Format.SLACK, alert, Scene.onLeader().snapshot(), "n1-1-1");
        assertThat(Json.read(letter, JsonNode.class).path("text").asText())
                .isEqualTo(
                        "*odoo: CRITICAL: n2 leads*\nBecause: &lt;a&gt; &amp; b\nTook 3.6 s.\n"
                                + "What to do: docs/RUNBOOK.md#failover");
    }

    @Test
    void programsGetEveryField() {
        var letter = Letter.write(Format.JSON, alert, Scene.onLeader().snapshot(), "n1-1-1");
        assertThat(letter)
                .isEqualTo(
                        "{\"at\":1000000,\"cluster\":\"odoo\",\"event\":\"failover\","
                                + "\"fields\":{\"lostBytes\":\"0\"},\"id\":\"n1-1-1\","
                                + "\"node\":\"n1\",\"runbook\":\"docs/RUNBOOK.md#failover\",\"severity\":\"CRITICAL\",\"term\":7,"
                                + "\"text\":\"Because: <a> & b\\nTook 3.6 s.\","
                                + "\"title\":\"n2 leads\"}");
    }
}
