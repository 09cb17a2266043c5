package io.kumki.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ReplayTest {
    private static Replay waiting(boolean paused, String target, String waits, long still) {
        return new Replay(paused, target, waits, Map.of("max_connections", 100), "", still);
    }

    private static String trouble(Replay replay) {
        return replay.trouble(10_000).orElse("none");
    }

    @Test
    void eachReasonIsNamed() {
        assertThat(trouble(waiting(true, "", "RecoveryPause", 0))).contains("paused by somebody");
        assertThat(trouble(waiting(true, "recovery_target_xid = 7", "RecoveryPause", 0)))
                .contains("recovery_target_xid = 7");
        assertThat(trouble(waiting(false, "", "RecoveryConflictSnapshot", 10_001)))
                .contains("stands still for 10 s", "a query here conflicts");
        assertThat(trouble(waiting(false, "", "RecoveryApplyDelay", 20_000)))
                .contains("recovery_min_apply_delay");
        assertThat(trouble(waiting(false, "", "RestoreCommand", 20_000)))
                .contains("restore_command");
        assertThat(trouble(waiting(false, "", "", 20_000)))
                .isEqualTo("replay stands still for 20 s");
    }

    @Test
    void oneThatMovesOrHasNothingToDoIsNoTrouble() {
        assertThat(trouble(Replay.NONE)).isEqualTo("none");
        assertThat(trouble(waiting(false, "", "RecoveryWalStream", 10_000))).isEqualTo("none");
    }

    /** The control file asks for what the primary had when that WAL was written. */
    @Test
    void onlyALowerSettingIsLackingAndOnlyAPauseEndsWithARestart() {
        var enough = waiting(true, "", "RecoveryPause", 0).lacking(Map.of("max_connections", 100));
        var lower = waiting(true, "", "RecoveryPause", 0).lacking(Map.of("max_connections", 101));
        assertThat(enough.endsWithRestart()).isFalse();
        assertThat(lower.endsWithRestart()).isTrue();
        assertThat(trouble(lower)).contains("max_connections is 100, its primary had 101");
        assertThat(
                        waiting(false, "", "", 0)
                                .lacking(Map.of("max_connections", 101))
                                .endsWithRestart())
                .isFalse();
    }
}
