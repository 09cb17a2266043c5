package io.kumki.adapter.runner;

import static io.kumki.adapter.runner.RunnerProcess.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kumki.core.model.Lsn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What may stand between a standby and its first write, on real PostgreSQL. */
class PromotionIT {
    private final Path home = RunnerProcess.freshHome();
    private final RunnerProcess anna = new RunnerProcess(home, "anna");
    private final RunnerProcess bert = new RunnerProcess(home, "bert");

    @AfterEach
    void endEverything() {
        anna.close();
        bert.close();
        RunnerProcess.shell("rm -rf " + home);
    }

    /**
     * What an old restore left behind does nothing on a primary, and would end a clone's recovery
     * at its first commit: what it acknowledged would be gone with the promotion.
     */
    @Test
    void leftoversOfARestoreEndNoRecovery() throws Exception {
        anna.start().bootstrap();
        anna.sql("alter system set recovery_target_time = '2024-05-01 10:00:00+00'");
        anna.sql("alter system set recovery_target_action = 'promote'");
        anna.sql("alter system set recovery_min_apply_delay = '1h'");
        RunnerProcess.shell(
                "sed -i \"1i recovery_target_inclusive = off\\npromote_trigger_file = 'trigger'\" "
                        + anna.data.resolve("postgresql.conf"));
        pair();
        bert.order("stop", 1, "mode=fast");
        RunnerProcess.asServerUser("touch %1$s/recovery.signal %1$s/trigger".formatted(bert.data));
        assertThat(bert.follow("standby", anna, "slot=bert")).containsEntry("result", "done");

        anna.order("primary", 1, "sync_names=\"bert\"");
        anna.sql("insert into story values (2)");
        anna.sql("insert into story values (3)");

        bert.awaitSql("select count(*) from story", "3");
        assertThat(bert.state("server")).isEqualTo("standby");
        assertThat(bert.data.resolve("recovery.signal")).doesNotExist();
        assertThat(Files.readString(bert.log())).contains("event=put-aside file=recovery.signal");

        var refused = new RunnerProcess(home, "carl").start("-c", "recovery_target_lsn=0/5");
        assertThat(refused.process().waitFor()).isEqualTo(64);
    }

    /** A part of what it acknowledged cannot be replayed: it must not open without that. */
    @Test
    void aPromotionThatEndsShortOpensNothingAndItsDirectoryIsKept() throws IOException {
        anna.start().bootstrap();
        pair();
        bert.sql("select pg_wal_replay_pause()");
        bert.awaitSql("select pg_get_wal_replay_pause_state()", "paused");
        var stands = Lsn.parse(bert.sql("select pg_last_wal_replay_lsn()")).bytes();
        anna.sql("insert into story select generate_series(1, 1000)");
        var least = anna.sql("select pg_current_wal_flush_lsn()");
        bert.awaitSql("select pg_last_wal_receive_lsn() >= '" + least + "'", "t");
        anna.signal("KILL", anna.state("pid"));
        anna.awaitServer("crashed");
        var segment = bert.data.resolve("pg_wal/00000001%016X".formatted(stands >> 24));
        RunnerProcess.asServerUser(
                "dd if=/dev/urandom of=%s bs=1 seek=%d count=4000 conv=notrunc status=none"
                        .formatted(segment, stands % (1 << 24) + 9000));

        var state = bert.lease(2, 600).order("primary", 2, "sync_names=", "least_lsn=" + least);

        assertThat(state).containsEntry("result", "short").containsEntry("pid", "0");
        assertThat(state).containsEntry("armed", "0");
        assertThat(state.get("error")).contains(least, "before it accepted a write");
        assertThat(Files.readString(bert.log())).doesNotContain("event=server-up role=primary");
        assertThat(segment).exists();
        for (var kind : List.of("standby", "rewind", "clone")) {
            assertThat(bert.follow(kind, anna, "fork_lsn=" + least))
                    .containsEntry("result", "short");
        }
        assertThat(bert.order("primary", 2)).containsEntry("result", "short");
        assertThat(bert.serverProcesses()).isEmpty();
        RunnerProcess.shell("rm " + bert.data.resolve("kumki.short"));
        await().atMost(PATIENCE).until(() -> bert.state("result").equals("done"));
    }

    /**
     * All WAL is here: neither a session that replay waits for nor an archive that hangs may keep
     * it from leading; and the archive's program may not keep the old one from being rewound.
     */
    @Test
    void noSessionAndNoProgramHoldUpAPromotion() throws Exception {
        anna.start().bootstrap();
        pair();
        bert.sql("alter system set max_standby_streaming_delay = -1");
        bert.sql("select pg_reload_conf()");
        anna.sql("create table doomed (chapter int)");
        bert.awaitSql("select count(*) from doomed", "0");
        var reader = CompletableFuture.runAsync(() -> read(bert));
        bert.awaitSql("select count(*) from pg_locks where relation = 'doomed'::regclass", "1");
        anna.sql("drop table doomed");
        anna.sql("insert into story values (2)");
        awaitReceived(anna, bert);
        anna.signal("KILL", anna.state("pid"));
        anna.awaitServer("crashed");

        var promoted = bert.lease(2, 600).order("primary", 2, "sync_names=");

        assertThat(promoted).containsEntry("result", "done");
        bert.awaitSql("select count(*) from story", "2");
        assertThat(reader).failsWithin(PATIENCE);
        assertThat(Files.readString(bert.log())).contains("event=sessions-ended");

        bert.sql("select pg_create_physical_replication_slot('anna')");
        bert.sql("checkpoint");
        var fork = promoted.get("history").split(":")[1];
        RunnerProcess.asServerUser(
                "bash -c 'cd %s && mv pg_hba.conf ../hba && ln -s ../hba pg_hba.conf'"
                        .formatted(anna.data));
        assertThat(anna.follow("rewind", bert, "slot=anna", "fork_lsn=" + fork))
                .containsEntry("result", "done");
        assertThat(anna.data.resolve("pg_hba.conf")).isSymbolicLink();
        anna.sql("alter system set restore_command = 'sleep 4712'");
        anna.sql("select pg_reload_conf()");
        bert.sql("insert into story values (3)");
        awaitReceived(bert, anna);
        bert.signal("KILL", bert.state("pid"));
        bert.awaitServer("crashed");

        assertThat(anna.lease(3, 600).order("primary", 3, "sync_names="))
                .containsEntry("result", "done")
                .containsEntry("timeline", "3");
        anna.awaitSql("select count(*) from story", "3");
        assertThat(anna.sql("show restore_command")).isEmpty();
        assertThat(Files.readString(anna.log())).contains("event=promotion-held");
    }

    /** Its archiver hangs and its standby is dead; what counts is written. */
    @Test
    void anOrderlyStopIsCutShortOnceTheDirectoryIsClean() throws Exception {
        anna.start("-c", "archive_mode=on", "-c", "archive_command=sleep 4711").bootstrap();
        pair();
        anna.sql("select pg_switch_wal()");
        anna.sql("insert into story values (2)");
        bert.serverProcesses().forEach(pid -> bert.signal("STOP", pid.toString()));

        var stopped = anna.order("stop", 1, "mode=fast");

        assertThat(stopped)
                .containsEntry("server", "stopped")
                .containsEntry("control", "shut down");
        assertThat(Files.readString(anna.log())).contains("event=stop-cut-short");
    }

    /** In a transaction that goes on holding its lock until it is ended. */
    private static void read(RunnerProcess server) {
        server.sql("begin; select count(*) from doomed; select pg_sleep(3600)");
    }

    private static void awaitReceived(RunnerProcess from, RunnerProcess to) {
        var written = from.sql("select pg_current_wal_flush_lsn()");
        to.awaitSql("select pg_last_wal_receive_lsn() >= '" + written + "'", "t");
    }

    /** Anna leads and holds one row, bert is her clone and streams. */
    private void pair() {
        anna.sql("create table story (chapter int)");
        anna.sql("insert into story values (1)");
        anna.sql("select pg_create_physical_replication_slot('bert')");
        bert.start();
        var state = bert.follow("clone", anna, "slot=bert");
        assertThat(state).as("clone").containsEntry("result", "done");
        bert.awaitSql("select count(*) from story", "1");
    }
}
