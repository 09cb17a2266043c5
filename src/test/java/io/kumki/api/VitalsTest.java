package io.kumki.api;

import static io.kumki.api.Scene.AT;
import static io.kumki.api.Scene.N1;
import static io.kumki.api.Scene.N2;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.Lease;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.Lsn;
import io.kumki.core.model.Mode;
import io.kumki.core.model.Position;
import io.kumki.core.model.Runner;
import io.kumki.core.model.Safety;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VitalsTest {
    private static final String[] CHECKS = {
        "primary", "replica", "read-only", "sync", "async", "health", "liveness", "readiness"
    };

    /** Every state and the checks that are up in it; all others must be down. */
    enum State {
        LEADER(Scene.onLeader(), "primary read-only health liveness readiness"),
        LEADER_OF_ANOTHER_TERM_ARMED(
                Scene.onLeader().runner(N1, Scene.runner(6, Runner.Work.NONE)), "health liveness"),
        LEADER_BEFORE_PROMOTION(
                Scene.onLeader().server(N1, Scene.replica(false, AT, 0)), "health liveness"),
        LEADER_STARTING(Scene.onLeader().server(N1, new LocalServer.Starting(10)), "liveness"),
        LEADER_UNREACHABLE(
                Scene.onLeader().server(N1, new LocalServer.Unreachable("no answer", 900, false)),
                "liveness"),
        LEADER_REFUSED(
                Scene.onLeader().server(N1, refuses(true)), "primary read-only liveness readiness"),
        LEADER_REFUSED_BY_SOMEBODY_ELSES(Scene.onLeader().server(N1, refuses(false)), "liveness"),
        LEADER_REFUSED_IN_ANOTHER_TERM(
                Scene.onLeader()
                        .server(N1, refuses(true))
                        .runner(N1, Scene.runner(6, Runner.Work.NONE)),
                "liveness"),
        PRIMARY_WITHOUT_LEASE(
                Scene.onLeader().lease(new Lease.Theirs(8, N2, 10)), "health liveness"),
        PRIMARY_ALONE(Scene.onLeader().lease(new Lease.Unknown("alone")), "health liveness"),
        SAFE_REPLICA(Scene.onReplica(), "replica read-only sync health liveness readiness"),
        ASYNC_REPLICA(
                Scene.onReplica().register(r -> r.with(new Safety(Mode.SYNC, Set.of(N1)))),
                "replica read-only async health liveness readiness"),
        REPLICA_IN_ASYNC_MODE(
                Scene.onReplica().register(r -> r.with(new Safety(Mode.ASYNC, Set.of(N1, N2)))),
                "replica read-only async health liveness readiness"),
        REPLICA_WITH_REPLAY_PAUSED(
                Scene.onReplica().server(N2, Scene.replayPaused()), "health liveness"),
        REPLICA_WITHOUT_STREAM(
                Scene.onReplica().server(N2, Scene.replica(false, AT, 0)),
                "replica read-only health liveness"),
        REPLICA_WITHOUT_MAJORITY(
                Scene.onReplica().lease(new Lease.Unknown("alone")),
                "replica read-only sync health liveness"),
        REPLICA_FAR_BEHIND(
                Scene.onReplica().server(N2, Scene.replica(true, behind(2 << 20), 0)),
                "replica read-only sync health liveness"),
        REPLICA_OF_OLD_TIMELINE(
                Scene.onReplica().server(N2, Scene.replica(true, new Position(2, AT.lsn()), 0)),
                "replica read-only sync health liveness"),
        STOPPED(
                Scene.onReplica()
                        .server(
                                N2,
                                new LocalServer.Stopped(
                                        false,
                                        new LocalServer.Remains(
                                                "7351", 3, AT.lsn(), "shut down in recovery"))),
                "liveness"),
        STOPPING(Scene.onReplica().server(N2, new LocalServer.Stopping(10)), "liveness"),
        EMPTY(Scene.onReplica().server(N2, new LocalServer.Empty()), "liveness"),
        WITNESS(Scene.onWitness(), "liveness readiness"),
        WITNESS_ABSTAINING(Scene.onWitness().abstaining(), "liveness");

        private final Scene scene;
        private final Set<String> up;

        State(Scene scene, String up) {
            this.scene = scene;
            this.up = new TreeSet<>(Arrays.asList(up.split(" ")));
        }
    }

    private static LocalServer refuses(boolean primary) {
        return new LocalServer.Unreachable("too many clients already", 900, true, primary);
    }

    @ParameterizedTest
    @EnumSource
    void eachCheckIsUpInTheseStatesOnly(State state) {
        assertThat(upAfter(state.scene, 500)).isEqualTo(state.up);
    }

    @ParameterizedTest
    @EnumSource
    void aViewOlderThanTheLeaseSaysNothingButThatTicksRun(State state) {
        assertThat(upAfter(state.scene, 3001)).containsExactly("liveness");
        assertThat(upAfter(state.scene, 6000)).isEmpty();
    }

    private static Set<String> upAfter(Scene scene, long age) {
        var up = new TreeSet<String>();
        for (var check : CHECKS) {
            if (BalancerResource.check(scene.vitals(age), check, LagLimit.NONE).up()) {
                up.add(check);
            }
        }
        return up;
    }

    @Test
    void theLeaseGoesOnEndingWhileNoTickRuns() {
        assertThat(Scene.onLeader().vitals(1999).primary().up()).isTrue();
        assertThat(Scene.onLeader().vitals(2000).primary().up()).isFalse();
        assertThat(Scene.onLeader().vitals(2000).readOnly(LagLimit.NONE).up()).isFalse();
    }

    @Test
    void nothingIsUpBeforeTheFirstTickButTheAgentLives() {
        var vitals = new Vitals(Scene.settings(N1), Optional.empty(), 100, Map.of());
        assertThat(vitals.primary().up()).isFalse();
        assertThat(vitals.readiness(LagLimit.NONE).up()).isFalse();
        assertThat(vitals.liveness().up()).isTrue();
    }

    @Test
    void lagInBytesIsMeasuredFromTheFurtherOfRenewalAndReport() {
        var scene = Scene.onReplica().server(N2, Scene.replica(true, behind(1000), 0));
        assertThat(scene.vitals(0).replica(LagLimit.ofBytes(1000)).up()).isTrue();
        assertThat(scene.vitals(0).replica(LagLimit.ofBytes(999)).up()).isFalse();
        scene.register(r -> r.with(behind(-500)));
        assertThat(scene.vitals(0).replica(LagLimit.ofBytes(1499)).up()).isFalse();
        assertThat(scene.vitals(0).replica(LagLimit.ofBytes(1499)).reason())
                .isEqualTo("1500 bytes behind, 1499 allowed");
        scene.register(r -> r.with(behind(5000)));
        assertThat(scene.vitals(0).replica(LagLimit.ofBytes(999)).up()).isFalse();
    }

    @Test
    void lagInTimeNeedsAStream() {
        var late = Scene.onReplica().server(N2, Scene.replica(true, AT, 1200)).vitals(0);
        assertThat(late.replica(LagLimit.parse("2s")).up()).isTrue();
        assertThat(late.async(LagLimit.parse("2s")).up()).isFalse();
        assertThat(late.replica(LagLimit.parse("1s")).up()).isFalse();
        var cut = Scene.onReplica().server(N2, Scene.replica(false, AT, 0)).vitals(0);
        assertThat(cut.replica(LagLimit.parse("60min")).up()).isFalse();
    }

    @Test
    void withoutAMajorityALimitInBytesCanNotBeKept() {
        var alone = Scene.onReplica().lease(new Lease.Unknown("alone")).vitals(0);
        assertThat(alone.replica(LagLimit.ofBytes(1 << 30)).up()).isFalse();
        assertThat(alone.replica(LagLimit.NONE).up()).isTrue();
    }

    private static Position behind(long bytes) {
        return new Position(AT.timeline(), new Lsn(AT.lsn().bytes() - bytes));
    }

    @Test
    void theRoleIsSaid() {
        assertThat(Scene.onLeader().vitals(0).primary().role()).isEqualTo("leader");
        assertThat(Scene.onReplica().vitals(0).primary().role()).isEqualTo("replica");
        assertThat(Scene.onWitness().vitals(0).health().role()).isEqualTo("witness");
    }
}
