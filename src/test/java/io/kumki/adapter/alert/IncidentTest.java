package io.kumki.adapter.alert;

import static io.kumki.api.Scene.N1;
import static io.kumki.api.Scene.N2;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.adapter.alert.AlertRule.Memory;
import io.kumki.api.Scene;
import io.kumki.core.model.Episode.Cause;
import io.kumki.core.model.Lease;
import io.kumki.core.model.Mode;
import io.kumki.core.model.Safety;
import io.kumki.core.model.Tenure;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** One message a person for one incident. */
class IncidentTest {
    private Memory memory = Memory.NONE;
    private long uptime;

    /** Ticks twice a second for so long. */
    private List<Alert> after(Scene scene, long millis) {
        var alerts = new ArrayList<Alert>();
        for (long end = uptime + millis; uptime <= end; uptime += 500) {
            var step = AlertRule.step(memory, scene.snapshot(), Optional.empty(), uptime);
            memory = step.memory();
            alerts.addAll(step.alerts());
        }
        return alerts;
    }

    private List<String> events(Scene scene, long millis) {
        return after(scene, millis).stream().map(Alert::event).toList();
    }

    private static Scene alone(Scene scene) {
        return scene.register(r -> r.with(new Safety(Mode.SYNC, Set.of(N1))));
    }

    /** The new leader of a moment ago, whom nobody follows yet. */
    private static Scene justFailedOver(long ago) {
        var opened = Scene.episode(8, N2, Cause.FAILOVER, Scene.opened(0, true, ""));
        return Scene.onReplica()
                .register(r -> r.with(new Tenure(8, N2, "n2/a/1", false, Optional.empty(), 0)))
                .register(r -> r.with(new Safety(Mode.SYNC, Set.of(N2))))
                .lease(new Lease.Mine(8, 2000, true))
                .server(N2, Scene.primary("n9"))
                .unheard(N1)
                .register(r -> r.adding(opened))
                .at(opened.at() + ago);
    }

    @Test
    void oneIncidentIsOneMessageUntilTheOldLeaderIsMissingForAMinute() {
        after(Scene.onReplica(), 1000);
        var receipt = after(justFailedOver(1_000), 30_000);
        assertThat(receipt).extracting(Alert::event).containsExactly("failover");
        assertThat(receipt.get(0).text()).contains("Nobody stands by until another node");
        var missing = after(justFailedOver(61_000), 60_000);
        assertThat(missing).extracting(Alert::event).containsExactly("sync-degraded");
        assertThat(missing.get(0).text())
                .contains("n1 does not stream; its agent does not answer.");
    }

    @Test
    void agentsThatFormForTheFirstTimeRaiseNoAlarm() {
        var forming = new Lease.Unknown("0 of 3 voters answer");
        var first = Scene.onLeader().noRegister().lease(forming).unheard(N2);
        assertThat(events(first, 50_000)).isEmpty();
        var founded = Scene.episode(1, N1, Cause.BOOTSTRAP, Scene.opened(0, true, ""));
        var leads = Scene.onLeader().register(r -> r.adding(founded)).at(founded.at() + 5_000);
        assertThat(events(leads, 30_000)).doesNotContain("replica-returned", "majority-found");
        memory = Memory.NONE;
        assertThat(events(first, 70_000)).contains("no-majority");
    }

    @Test
    void aClusterThatIsBeingFoundedMissesNobody() {
        var founded = Scene.episode(1, N1, Cause.BOOTSTRAP, Scene.opened(0, true, ""));
        var young =
                alone(Scene.onLeader())
                        .server(N1, Scene.primaryAlone())
                        .unheard(N2)
                        .register(r -> r.adding(founded))
                        .at(founded.at() + 5_000);
        assertThat(events(young, 120_000)).isEmpty();
        assertThat(events(young.at(founded.at() + 601_000), 10_000))
                .containsExactly("sync-degraded");
    }

    @Test
    void anOldLeaderThatThawsIsNoSecondDisaster() {
        after(Scene.onLeader(), 1000);
        var back = Scene.onLeader().lease(new Lease.Theirs(8, N2, 100));
        var alerts = after(back, 3000);
        assertThat(alerts).extracting(Alert::event).containsExactly("lease-ended");
        assertThat(alerts.get(0).severity()).isEqualTo(Alert.Severity.INFO);
        assertThat(alerts.get(0).title())
                .isEqualTo("n1 is back and has learnt that n2 leads now (term 8)");
        assertThat(alerts.get(0).fields()).containsEntry("leaseNow", "n2's in term 8");
    }
}
