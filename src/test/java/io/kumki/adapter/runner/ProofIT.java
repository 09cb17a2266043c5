package io.kumki.adapter.runner;

import static io.kumki.adapter.runner.RunnerProcess.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kumki.adapter.postgres.PgCatalog;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.SyncProof;
import io.vertx.mutiny.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When a real server's commits wait for its standby, and how soon that is seen. */
class ProofIT {
    private static final String CHECKPOINTER =
            " from pg_stat_activity where backend_type = 'checkpointer'";

    /** Asks for a checkpoint that takes its time, and waits for it: longer than this test lasts. */
    private static final String BEGIN_BACKUP =
            """
            do $$ begin
              if current_setting('server_version_num')::int >= 150000
              then perform pg_backup_start('spread');
              else perform pg_start_backup('spread', false, false);
              end if;
            end $$
            """;

    private final Path home = RunnerProcess.freshHome();
    private final RunnerProcess anna = new RunnerProcess(home, "anna");
    private final RunnerProcess bert = new RunnerProcess(home, "bert");
    private final Vertx vertx = Vertx.vertx();
    private SyncProof proof = SyncProof.NONE;

    @AfterEach
    void endEverything() {
        vertx.closeAndAwait();
        anna.close();
        bert.close();
        RunnerProcess.shell("rm -rf " + home);
    }

    @Test
    void provenInALongCheckpointAndNeverBeforeCommitsWait() {
        anna.start().bootstrap();
        bert.start().follow("clone", anna);
        anna.awaitSql("select state from pg_stat_replication", "streaming");
        var catalog = catalog();

        var checkpointer = anna.sql("select pid" + CHECKPOINTER);
        anna.signal("STOP", checkpointer);
        anna.order("primary", 1, "sync_names=\"bert\"");
        anna.awaitSql("select sync_state from pg_stat_replication", "sync");
        for (int looks = 0; looks < 5; looks++) {
            look(catalog);
            assertThat(proof.names()).isEqualTo("\"bert\"");
            assertThat(proof.barrier()).as("no commit waits yet").isEmpty();
        }
        anna.signal("CONT", checkpointer);
        await().atMost(PATIENCE).until(() -> look(catalog).proven());

        anna.order("primary", 1, "sync_names=");
        longCheckpoint();
        anna.order("primary", 1, "sync_names=\"bert\"");
        await().atMost(PATIENCE).until(() -> look(catalog).proven());
        assertThat(checkpointerIdle()).as("the checkpoint is over").isFalse();
    }

    /** Spread over the quarter of an hour until the next one: most of it is sleep. */
    private void longCheckpoint() {
        anna.sql("create table much as select repeat('x', 2000) from generate_series(1, 5000)");
        anna.sql("alter system set checkpoint_timeout = '15min'");
        anna.sql("select pg_reload_conf()");
        anna.awaitSql("show checkpoint_timeout", "15min");
        CompletableFuture.runAsync(() -> anna.sql(BEGIN_BACKUP));
        await().atMost(PATIENCE).until(() -> !checkpointerIdle());
    }

    private boolean checkpointerIdle() {
        return anna.sql("select wait_event = 'CheckpointerMain'" + CHECKPOINTER).equals("t");
    }

    private SyncProof look(PgCatalog catalog) {
        var seen = catalog.poll().await().atMost(PATIENCE);
        assertThat(seen).isInstanceOf(Primary.class);
        proof = proof.after((Primary) seen);
        pause();
        return proof;
    }

    /** Between two ticks, as an agent has them. */
    private static void pause() {
        await().pollDelay(Duration.ofMillis(500)).until(() -> true);
    }

    private PgCatalog catalog() {
        var options =
                new PgConnectOptions()
                        .setHost("127.0.0.1")
                        .setPort(anna.port)
                        .setUser("kumki")
                        .setPassword(RunnerProcess.PASSWORD)
                        .setDatabase("postgres");
        return new PgCatalog(vertx, options, PATIENCE, Runnable::run, () -> {}, Set.of("bert"));
    }
}
