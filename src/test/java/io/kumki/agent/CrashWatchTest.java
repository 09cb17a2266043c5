package io.kumki.agent;

import static io.kumki.api.Scene.N1;
import static io.kumki.api.Scene.N2;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.agent.CrashWatch.By;
import io.kumki.api.Scene;
import io.kumki.core.model.Lease;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.LocalServer.Stopped;
import org.junit.jupiter.api.Test;

/** A crash without a receipt leaves a trace, and one with a receipt leaves no second one. */
class CrashWatchTest {
    private CrashWatch watch = CrashWatch.NONE;
    private long at = 1_000;

    private CrashWatch sees(Scene scene) {
        at += 500;
        watch = watch.after(scene.at(at).snapshot());
        return watch;
    }

    private static Scene leading(LocalServer server) {
        return Scene.onLeader().server(N1, server);
    }

    private static Stopped ended(boolean crashed, String control) {
        return new Stopped(crashed, new LocalServer.Remains("7351", 3, Scene.AT.lsn(), control));
    }

    @Test
    void anotherCheckpointerUnderTheSamePostmasterIsACrashThatPostgresMended() {
        assertThat(sees(leading(Scene.startedAt("monday|10"))).crash()).isEmpty();
        assertThat(sees(leading(new LocalServer.Unreachable("57P03", 100, true))).crash())
                .isEmpty();
        assertThat(sees(leading(Scene.startedAt("monday|11"))).crash())
                .hasValueSatisfying(
                        crash -> {
                            assertThat(crash.by()).isEqualTo(By.POSTGRES);
                            assertThat(crash.millis()).isEqualTo(1000);
                        });
        assertThat(sees(leading(Scene.startedAt("monday|11"))).crash()).isEmpty();
    }

    @Test
    void anOrderedRestartAndAnOlderServerAreNone() {
        sees(leading(Scene.startedAt("monday|10")));
        assertThat(sees(leading(Scene.startedAt("tuesday|9"))).crash()).isEmpty();
        assertThat(sees(leading(Scene.startedAt("tuesday"))).crash()).isEmpty();
        assertThat(sees(leading(Scene.startedAt("tuesday|9"))).crash()).isEmpty();
        sees(leading(ended(false, "shut down")));
        assertThat(sees(leading(Scene.startedAt("tuesday|12"))).crash()).isEmpty();
    }

    @Test
    void aServerThatEndedAndWasStartedInPlaceIsOneThatTheRunnerMended() {
        sees(leading(Scene.startedAt("monday|10")));
        sees(leading(ended(true, "in production")));
        sees(leading(ended(true, "in production")));
        sees(leading(new LocalServer.Starting(0)));
        assertThat(sees(leading(Scene.startedAt("monday|12"))).crash())
                .hasValueSatisfying(
                        crash -> {
                            assertThat(crash.by()).isEqualTo(By.RUNNER);
                            assertThat(crash.primary()).isTrue();
                            assertThat(crash.millis()).isEqualTo(1500);
                        });
    }

    @Test
    void whatTheReceiptTellsIsNotToldTwice() {
        sees(leading(ended(true, "in production")));
        var after = leading(Scene.startedAt("monday|12")).lease(new Lease.Theirs(8, N2, 10));
        assertThat(sees(after).crash()).isEmpty();
        sees(leading(ended(true, "in production")));
        assertThat(sees(leading(Scene.replica(true, Scene.AT, 0))).crash())
                .as("it rejoined the next leader")
                .isEmpty();
    }

    @Test
    void aStandbyThatCrashedIsTold() {
        sees(Scene.onReplica().server(N2, ended(true, "in archive recovery")));
        assertThat(sees(Scene.onReplica()).crash())
                .hasValueSatisfying(crash -> assertThat(crash.primary()).isFalse());
    }
}
