package io.kumki.adapter.alert;

import static io.kumki.api.Scene.N1;
import static io.kumki.api.Scene.N2;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.adapter.alert.AlertRule.Memory;
import io.kumki.api.Scene;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** An agent whose own file is not what is agreed on says so, once, and says when it is again. */
class SettingsAlertTest {
    private Memory memory = Memory.NONE;
    private long uptime;

    private List<Alert> after(Scene scene, long millis) {
        var alerts = new ArrayList<Alert>();
        for (long end = uptime + millis; uptime <= end; uptime += 500) {
            var step = AlertRule.step(memory, scene.snapshot(), Optional.empty(), uptime);
            memory = step.memory();
            alerts.addAll(step.alerts());
        }
        return alerts;
    }

    @Test
    void theNodeWhoseFileDiffersTellsIt() {
        var alerts = after(Scene.onLeader().file(N1, 15_000), 60_000);

        assertThat(alerts).extracting(Alert::event).containsExactly("settings-differ");
        assertThat(alerts.get(0).text()).contains("ttl=15s, 3s is agreed on", "kumki config set");
        assertThat(after(Scene.onLeader(), 60_000))
                .extracting(Alert::event)
                .containsExactly("settings-agree");
    }

    @Test
    void anotherNodesFileIsItsOwnNews() {
        assertThat(after(Scene.onLeader().file(N2, 15_000), 60_000)).isEmpty();
    }
}
