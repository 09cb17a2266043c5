package io.kumki.adapter.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.adapter.postgres.PgCatalog;
import io.kumki.core.model.Action.Slots;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.LocalServer.Replica;
import io.kumki.core.model.LocalServer.Unreachable;
import io.kumki.core.model.Lsn;
import io.vertx.mutiny.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What the agent's and the runner's own sessions do on servers as people have them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OurSessionsIT {
    /** Each breaks some session that takes it over, or changes its answer. */
    private static final List<String> FOR_ALL =
            List.of(
                    "default_transaction_isolation = 'serializable'",
                    "default_transaction_read_only = on",
                    "default_transaction_deferrable = on",
                    "statement_timeout = '1ms'",
                    "lock_timeout = '1ms'",
                    "idle_in_transaction_session_timeout = '1ms'",
                    "jit_above_cost = 0",
                    "datestyle = 'German, DMY'",
                    "bytea_output = 'escape'",
                    "timezone = 'Asia/Kathmandu'",
                    "default_table_access_method = 'none'");

    private static final String IN_SYNC_REP = " where wait_event = 'SyncRep'";
    private static final String WAITING = "select count(*) from pg_stat_activity" + IN_SYNC_REP;

    private final Path home = RunnerProcess.freshHome();
    private final RunnerProcess anna = new RunnerProcess(home, "anna");
    private final RunnerProcess bert = new RunnerProcess(home, "bert");
    private final Vertx vertx = Vertx.vertx();
    private long term = 1;

    @BeforeAll
    void hardenTheServer() {
        anna.start().bootstrap();
        anna.sql("select pg_create_physical_replication_slot('kumki_bert')");
        anna.sql("revoke connect on database postgres from public");
        anna.sql(
                "create role stranger login password '"
                        + RunnerProcess.PASSWORD.replace("'", "''")
                        + "'");
        for (var setting : FOR_ALL) {
            anna.sql("alter role kumki set " + setting);
            anna.sql("alter role replicator set " + setting);
        }
        anna.sql("alter role kumki set role = 'pg_monitor'");
        bert.start();
        assertThat(bert.follow("clone", anna, "slot=kumki_bert").get("result")).isEqualTo("done");
        anna.awaitSql("select state from pg_stat_replication", "streaming");
    }

    @AfterAll
    void endEverything() {
        vertx.closeAndAwait();
        anna.close();
        bert.close();
        RunnerProcess.shell("rm -rf " + home);
    }

    @Test
    void defaultsForAllSessionsBreakNoneOfOurs() {
        var leader = (Primary) poll(anna, "kumki");
        assertThat(leader.walsenders()).hasSize(1);
        assertThat(poll(bert, "kumki"))
                .isInstanceOfSatisfying(
                        Replica.class, standby -> assertThat(standby.streaming()).isTrue());
        var slots = new Slots(Set.of("kumki_carl"), Set.of(), Set.of());
        for (var node : List.of(anna, bert)) {
            catalog(node, "kumki").manage(slots).await().atMost(RunnerProcess.PATIENCE);
        }
        assertThat(((Replica) poll(bert, "kumki")).slots())
                .anyMatch(slot -> slot.name().equals("kumki_carl"));
    }

    @Test
    void aRoleThatMayNotConnectIsToldHowItMay() {
        assertThat(poll(anna, "stranger"))
                .isInstanceOfSatisfying(
                        Unreachable.class,
                        server -> {
                            assertThat(server.spoke()).isTrue();
                            assertThat(server.reason())
                                    .contains("role stranger may not connect to database postgres")
                                    .contains("grant connect on database postgres to stranger");
                        });
    }

    /**
     * As an orderly stop leaves a primary's slots: with the xmin that its standby told by feedback.
     * anna becomes bert's standby and back again.
     */
    @Test
    void aSlotIsMadeAnewWithoutItsXmin() {
        var pinned = "select count(*) from pg_replication_slots where xmin is not null";
        for (var node : List.of(anna, bert)) {
            node.sql("alter system set hot_standby_feedback = on");
            node.sql("alter system set wal_receiver_status_interval = '1s'");
            node.sql("select pg_reload_conf()");
        }
        anna.awaitSql(pinned, "1");
        anna.order("stop", term, "mode=fast");
        anna.order("standby", term, "source_host=");
        assertThat(anna.sql(pinned)).as("what a demotion leaves behind").isEqualTo("1");
        var seen = ((Replica) poll(anna, "kumki"));
        assertThat(seen.slots()).anyMatch(slot -> slot.name().equals("kumki_bert") && slot.pins());

        var anew = new Slots(Set.of("kumki_bert"), Set.of("kumki_bert"), Set.of());
        catalog(anna, "kumki").manage(anew).await().atMost(RunnerProcess.PATIENCE);

        assertThat(anna.sql(pinned)).isEqualTo("0");
        assertThat(((Replica) poll(anna, "kumki")).slots())
                .anyMatch(
                        slot ->
                                slot.name().equals("kumki_bert")
                                        && !slot.restart().equals(Lsn.ZERO));
        assertThat(anna.lease(++term, 600).order("primary", term, "sync_names="))
                .containsEntry("result", "done");
        bert.follow("standby", anna, "slot=kumki_bert");
        anna.awaitSql("select state from pg_stat_replication", "streaming");
    }

    /** PostgreSQL acknowledges it all the same: the standby has nothing of it. */
    @Test
    void aCommitWhoseWaitIsCancelledIsCounted() throws Exception {
        anna.sql("create table kept_back ()");
        var catalog = catalog(anna, "kumki");
        anna.order("primary", term, "sync_names=\"nobody\"");
        try (var client = Executors.newSingleThreadExecutor()) {
            var commit = client.submit(() -> anna.sql("drop table kept_back"));
            anna.awaitSql(WAITING, "1");
            assertThat(cancelled(catalog)).isZero();
            anna.sql("select pg_cancel_backend(pid) from pg_stat_activity" + IN_SYNC_REP);
            assertThat(commit.get(20, TimeUnit.SECONDS)).as("acknowledged").isEmpty();
        }
        cancelled(catalog);
        assertThat(cancelled(catalog)).isEqualTo(1);
        assertThat(anna.order("primary", term, "sync_names=")).containsEntry("result", "done");
    }

    private static long cancelled(PgCatalog catalog) {
        var seen = (Primary) catalog.poll().await().atMost(RunnerProcess.PATIENCE);
        return seen.synchronous().cancelled();
    }

    @Test
    void aPausedReplayIsSeenAsSuch() {
        bert.sql("select pg_wal_replay_pause()");
        anna.sql("create table missed ()");
        Awaitility.await()
                .atMost(RunnerProcess.PATIENCE)
                .untilAsserted(
                        () -> {
                            var standby = (Replica) poll(bert, "kumki");
                            assertThat(standby.replay().orElseThrow().paused()).isTrue();
                            assertThat(standby.replayed()).isLessThan(standby.position().lsn());
                            assertThat(standby.lagMillis()).isPositive();
                        });
        bert.sql("select pg_wal_replay_resume()");
        bert.awaitSql("select count(*) from missed", "0");
        assertThat(((Replica) poll(bert, "kumki")).replay().orElseThrow().paused()).isFalse();
    }

    /** The runner knows from the control file what the WAL asks for. */
    @Test
    void aReplayThatPausedForItsSettingsGoesOnAfterAStart() {
        anna.sql("alter system set max_connections = 123");
        anna.order("stop", term, "mode=fast");
        anna.lease(term, 600).order("primary", term, "sync_names=");
        bert.awaitSql("select pg_get_wal_replay_pause_state()", "paused");
        Awaitility.await()
                .atMost(RunnerProcess.PATIENCE)
                .untilAsserted(
                        () -> assertThat(bert.state("needs")).contains("max_connections:123"));
        var replay = ((Replica) poll(bert, "kumki")).replay().orElseThrow();
        assertThat(replay.settings()).containsEntry("max_connections", 100);
        assertThat(replay.lacking(Map.of("max_connections", 123)).endsWithRestart()).isTrue();

        bert.order("stop", 0, "mode=fast");
        bert.follow("standby", anna, "slot=kumki_bert");
        bert.awaitSql("show max_connections", "123");
        assertThat(((Replica) poll(bert, "kumki")).replay().orElseThrow().paused()).isFalse();
    }

    private LocalServer poll(RunnerProcess node, String role) {
        return catalog(node, role).poll().await().atMost(RunnerProcess.PATIENCE);
    }

    private PgCatalog catalog(RunnerProcess node, String role) {
        var options =
                new PgConnectOptions()
                        .setHost("127.0.0.1")
                        .setPort(node.port)
                        .setUser(role)
                        .setPassword(RunnerProcess.PASSWORD)
                        .setDatabase("postgres");
        return new PgCatalog(
                vertx, options, RunnerProcess.PATIENCE, Runnable::run, () -> {}, Set.of());
    }
}
