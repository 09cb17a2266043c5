package io.kumki.adapter.alert;

import static io.kumki.api.Scene.N1;
import static io.kumki.api.Scene.N2;
import static io.kumki.api.Scene.N3;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.adapter.alert.AlertRule.Memory;
import io.kumki.api.Scene;
import io.kumki.core.model.Action;
import io.kumki.core.model.Archiving;
import io.kumki.core.model.Decision;
import io.kumki.core.model.Episode.Cause;
import io.kumki.core.model.Lease;
import io.kumki.core.model.Mode;
import io.kumki.core.model.Rule;
import io.kumki.core.model.Runner;
import io.kumki.core.model.Safety;
import io.kumki.core.model.Wishes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AlertRuleTest {
    private Memory memory = Memory.NONE;
    private long uptime;
    private Optional<Instant> expires = Optional.empty();

    /** Ticks twice a second for so long; returns the events in order. */
    private List<Alert> after(Scene scene, long millis) {
        var alerts = new ArrayList<Alert>();
        for (long end = uptime + millis; uptime <= end; uptime += 500) {
            var step = AlertRule.step(memory, scene.snapshot(), expires, uptime);
            memory = step.memory();
            alerts.addAll(step.alerts());
        }
        return alerts;
    }

    private List<String> events(Scene scene, long millis) {
        return after(scene, millis).stream().map(Alert::event).toList();
    }

    private static Scene paused(Scene scene) {
        return scene.register(r -> r.with(new Wishes(true, Optional.empty(), Optional.empty())));
    }

    private static Scene alone(Scene scene) {
        return scene.register(r -> r.with(new Safety(Mode.SYNC, Set.of(N1))));
    }

    @Test
    void aQuietClusterSaysNothing() {
        assertThat(events(Scene.onLeader(), 60_000)).isEmpty();
        memory = Memory.NONE;
        assertThat(events(Scene.onReplica(), 60_000)).isEmpty();
        memory = Memory.NONE;
        assertThat(events(Scene.onWitness(), 60_000)).isEmpty();
    }

    @Test
    void aReplayThatStandsStillAndSlotsLeftBehindAreToldOnceWithTheirEnd() {
        var paused = Scene.onReplica().server(N2, Scene.replayPaused());
        assertThat(events(paused, 60_000)).containsExactly("replay-stopped");
        assertThat(events(Scene.onReplica(), 60_000)).containsExactly("replay-goes-on");

        var left = Scene.onReplica().server(N2, Scene.withSlotLeftBehind("cdc"));
        var told = after(left, 120_000);
        assertThat(told).extracting(Alert::event).containsExactly("slots-stranded");
        assertThat(told.get(0).title()).contains("cdc");
        assertThat(events(Scene.onReplica(), 60_000)).containsExactly("slots-released");
    }

    @Test
    void everyAgentTellsTwoWeeksAheadThatItsCertificateExpires() {
        var now = Instant.ofEpochMilli(Scene.onWitness().snapshot().at());
        expires = Optional.of(now.plus(Duration.ofDays(15)));
        assertThat(events(Scene.onWitness(), 1000)).isEmpty();
        expires = Optional.of(now.plus(Duration.ofDays(13)));
        var told = after(Scene.onWitness(), 60_000);
        assertThat(told).extracting(Alert::event).containsExactly("certificate-expires");
        assertThat(told.get(0).severity()).isEqualTo(Alert.Severity.WARNING);
        expires = Optional.of(now.plus(Duration.ofDays(800)));
        assertThat(events(Scene.onWitness(), 1000)).containsExactly("certificate-renewed");

        memory = Memory.NONE;
        expires = Optional.of(now.plus(Duration.ofHours(30)));
        assertThat(after(Scene.onLeader(), 1000))
                .extracting(Alert::severity)
                .containsExactly(Alert.Severity.CRITICAL);
    }

    @Test
    void theNewLeaderSendsTheReceiptOnce() {
        after(Scene.onReplica(), 1000);
        var won =
                Scene.onReplica()
                        .lease(new Lease.Mine(8, 2000, true))
                        .server(N2, Scene.primary("n1"));
        won.register(r -> r.adding(Scene.episode(8, N2, Cause.FAILOVER, Optional.empty())));
        assertThat(events(won, 1000)).isEmpty();
        won.register(
                r ->
                        r.amending(
                                8,
                                e ->
                                        Scene.episode(
                                                8,
                                                N2,
                                                Cause.FAILOVER,
                                                Scene.opened(120, false, ""))));
        var alerts = after(won, 3000);
        assertThat(alerts).extracting(Alert::event).containsExactly("failover");
        assertThat(alerts.get(0).title()).isEqualTo("n2 leads after a failover (term 8)");
        assertThat(alerts.get(0).text())
                .contains("Took 3.6 s (noticed 3.2 s, elected 0.0 s, promoted 0.4 s)")
                .contains("At least 120 bytes");
        won.register(
                r ->
                        r.amending(
                                8,
                                e ->
                                        Scene.episode(
                                                8,
                                                N2,
                                                Cause.FAILOVER,
                                                Scene.opened(160, true, "n1:/s/8"))));
        var measured = after(won, 3000);
        assertThat(measured).extracting(Alert::event).containsExactly("loss-measured");
        assertThat(measured.get(0).text()).contains("160 bytes").contains("n1:/s/8");
    }

    @Test
    void othersDoNotRepeatTheReceiptAndARestartedLeaderNeither() {
        after(Scene.onWitness(), 1000);
        var changed = Scene.onWitness().lease(new Lease.Theirs(8, N2, 100));
        changed.register(
                r -> r.adding(Scene.episode(8, N2, Cause.SWITCHOVER, Scene.opened(0, true, ""))));
        assertThat(events(changed, 3000)).isEmpty();
        memory = Memory.NONE;
        after(Scene.onLeader().noRegister().lease(new Lease.Unknown("just started")), 500);
        assertThat(events(Scene.onLeader(), 3000)).isEmpty();
    }

    @Test
    void pauseAndResumeAreToldByTheLeaderOnly() {
        assertThat(events(paused(Scene.onLeader()), 5000)).containsExactly("paused");
        assertThat(events(Scene.onLeader(), 5000)).containsExactly("resumed");
        memory = Memory.NONE;
        assertThat(events(paused(Scene.onReplica()), 5000)).isEmpty();
    }

    @Test
    void aChangeOfTheLeaderRepeatsNothing() {
        after(paused(Scene.onReplica()), 2000);
        var leading = paused(Scene.onReplica()).lease(new Lease.Mine(8, 2000, true));
        assertThat(events(leading.server(N2, Scene.primary("n1")), 3000)).isEmpty();
    }

    @Test
    void lostSafetyIsToldWhenItLastsAndItsReturnToo() {
        assertThat(events(alone(Scene.onLeader()), 4000)).isEmpty();
        assertThat(events(Scene.onLeader(), 4000)).isEmpty();
        assertThat(events(alone(Scene.onLeader()), 9000)).containsExactly("sync-degraded");
        assertThat(after(Scene.onLeader(), 1000))
                .extracting(Alert::title)
                .containsExactly("safe to promote again: n2");
    }

    @Test
    void aLostReplicaIsToldOnceAndASilentWitnessIsNone() {
        after(Scene.onLeader(), 1000);
        var lost = Scene.onLeader().server(N1, Scene.primary("n9")).unheard(N2).unheard(N3);
        var alerts = after(lost, 60_000);
        assertThat(alerts).extracting(Alert::event).containsExactly("replica-lost");
        assertThat(alerts.get(0).fields()).containsEntry("replica", "n2");
        assertThat(events(Scene.onLeader(), 3000)).containsExactly("replica-returned");
    }

    @Test
    void aLostLeaseIsToldByItsHolderButNotOneThatWasGiven() {
        after(Scene.onLeader(), 1000);
        var cut = Scene.onLeader().lease(new Lease.Unknown("1 of 3 voters answer"));
        assertThat(events(cut, 3000)).containsExactly("lease-ended");
        memory = Memory.NONE;
        after(
                Scene.onLeader()
                        .decision(
                                new Decision(
                                        Rule.S15_HAND_OVER,
                                        new Action.Release(Optional.of(N2)),
                                        "n2 has all")),
                0);
        assertThat(events(Scene.onLeader().lease(new Lease.Theirs(8, N2, 1)), 3000)).isEmpty();
    }

    @Test
    void withoutALeaderTheFirstWhoIsHeardTellsWhy() {
        var free = new Lease.Free(7, N1, 4000, false, Optional.empty());
        var third = alone(Scene.onWitness()).lease(free).unheard(N1);
        assertThat(events(third, 20_000)).isEmpty();
        memory = Memory.NONE;
        var second = alone(Scene.onReplica()).lease(free).unheard(N1);
        assertThat(events(second, 9_000)).isEmpty();
        var alerts = after(second, 60_000);
        assertThat(alerts).extracting(Alert::event).containsExactly("no-leader");
        assertThat(alerts.get(0).text())
                .isEqualTo(
                        "NO LEADER, and nobody can lead: n2: may lack commits; complete: [n1].\n"
                                + "n1 led last and must come back.\nNot heard: n1");
        assertThat(events(Scene.onReplica(), 1000)).containsExactly("leader-found");
    }

    @Test
    void aCutOffNodeSaysSo() {
        var cut = Scene.onWitness().lease(new Lease.Unknown("1 of 3 voters answer"));
        var alerts = after(cut.unheard(N1).unheard(N2), 20_000);
        assertThat(alerts).extracting(Alert::event).containsExactly("no-majority");
        assertThat(alerts.get(0).text())
                .startsWith("NO MAJORITY: of n1, n2, n3 only n3 votes; 2 votes are needed.")
                .contains("n1 led last: it must come back, or else n2, complete too.");
    }

    @Test
    void theLeaderSaysThatItsMachineMustNotFailWhileTheWitnessIsAway() {
        var away = Scene.onLeader().unheard(N3);
        assertThat(events(away, 8_000)).isEmpty();
        var alerts = after(away, 60_000);
        assertThat(alerts).extracting(Alert::event).containsExactly("machine-not-covered");
        assertThat(alerts.get(0).text())
                .contains("If only PostgreSQL on n1 fails, n2 leads.")
                .contains("nobody leads: 1 of 3 votes would be left")
                .contains("now without a vote: n3");
        assertThat(events(Scene.onLeader(), 3_000)).containsExactly("machine-covered");
    }

    @Test
    void rejoinsBeginAndEnd() {
        var working =
                Scene.onReplica()
                        .runner(
                                N2,
                                Scene.runner(
                                        0,
                                        new Runner.Work(
                                                Optional.of("rewind"), 0, 0, "", 0, "", 0)));
        var done =
                Scene.onReplica()
                        .runner(
                                N2,
                                Scene.runner(
                                        0,
                                        new Runner.Work(
                                                Optional.empty(), 0, 0, "/s/8", 99, "", 0)));
        var keeping =
                Scene.onReplica()
                        .runner(
                                N2,
                                Scene.runner(
                                        0,
                                        new Runner.Work(
                                                Optional.of("salvage"), 0, 0, "", 0, "", 0)));
        assertThat(events(working, 5000)).containsExactly("rewind-begun");
        assertThat(events(keeping, 5000)).isEmpty();
        assertThat(events(working, 5000)).isEmpty();
        var alerts = after(done, 5000);
        assertThat(alerts).extracting(Alert::event).containsExactly("rewind-done");
        assertThat(alerts.get(0).text()).contains("99 bytes").contains("/s/8");
    }

    @Test
    void aFailingOrderIsToldOnceThoughItIsRepeated() {
        var alerts = new ArrayList<String>();
        for (int i = 0; i < 10; i++) {
            alerts.addAll(events(failing(), 1000));
            alerts.addAll(events(Scene.onReplica(), 5000));
        }
        assertThat(alerts).containsExactly("order-failed");
    }

    @Test
    void aServerThatWasEndedBecauseNobodyOrderedItIsToldWithItsReason() {
        var ended = Scene.runner(0, Runner.Work.NONE).after("promoted by hand; ended at 12:00:00");
        var alerts = after(Scene.onReplica().runner(N2, ended), 500);
        assertThat(alerts).extracting(Alert::event).containsExactly("server-unordered");
        assertThat(alerts.get(0).text()).contains("promoted by hand");
        assertThat(events(Scene.onReplica().runner(N2, ended), 5000)).isEmpty();
    }

    @Test
    void aDirectoryThatIsKeptIsToldUntilAPersonReleasesIt() {
        var work = new Runner.Work(Optional.empty(), 0, 0, "", 0, "/d/data.kept-1", 7L << 30);
        var keeping = Scene.onReplica().runner(N2, Scene.runner(0, work));

        var alerts = after(keeping, 5000);
        assertThat(alerts).extracting(Alert::event).containsExactly("directory-kept");
        assertThat(alerts.get(0).text()).contains("touch /d/data.kept-1/release");
        assertThat(events(keeping, 600_000)).isEmpty();
        assertThat(events(Scene.onReplica(), 5000)).containsExactly("directory-released");
    }

    @Test
    void aDiskThatGetsFullBesideAKeptDirectoryIsCritical() {
        var work = new Runner.Work(Optional.empty(), 0, 0, "", 0, "/d/data.kept-1", 7L << 30);
        var fine = Scene.runner(0, work);
        var full =
                new Runner(
                        "",
                        4,
                        Runner.Result.DONE,
                        "",
                        0,
                        fine.silent(),
                        List.of(),
                        work,
                        "",
                        3L << 30);

        assertThat(events(Scene.onReplica().runner(N2, fine), 5000))
                .containsExactly("directory-kept");
        var alerts = after(Scene.onReplica().runner(N2, full), 5000);
        assertThat(alerts).extracting(Alert::event).containsExactly("kept-fills-disk");
        assertThat(alerts.get(0).severity()).isEqualTo(Alert.Severity.CRITICAL);
    }

    private static Scene failing() {
        var fine = Scene.runner(0, Runner.Work.NONE);
        return Scene.onReplica()
                .runner(
                        N2,
                        new Runner(
                                "rewind",
                                4,
                                Runner.Result.FAILED,
                                "pg_rewind: no common ancestor",
                                0,
                                fine.silent(),
                                List.of(),
                                Runner.Work.NONE,
                                "",
                                fine.diskFree()));
    }

    @Test
    void anArchiveThatStaysStuckIsToldOnceAndItsReturnToo() {
        var well = new Archiving(true, 1, 16 << 20, 40, 1, 900, 5_000, "0A", 0);
        var stuck = new Archiving(true, 3, 48 << 20, 40, 9, 60_000, 5_000, "0B", 0);
        var archives = Scene.onLeader().server(N1, Scene.archiving(well));
        var failing = Scene.onLeader().server(N1, Scene.archiving(stuck));

        assertThat(events(failing, 8_000)).isEmpty();
        assertThat(events(archives, 40_000)).isEmpty();
        var alerts = after(failing, 120_000);
        assertThat(alerts).extracting(Alert::event).containsExactly("archive-stuck");
        assertThat(alerts.get(0).text()).contains("last with 0B 5 s ago; 3 files (48 MB) wait");
        assertThat(events(archives, 60_000)).containsExactly("archive-well");
    }

    @Test
    void aVoterThatAbstainsSaysSo() {
        assertThat(events(Scene.onWitness().abstaining(), 3000)).containsExactly("voter-abstains");
        assertThat(events(Scene.onWitness(), 3000)).containsExactly("voter-votes");
    }
}
