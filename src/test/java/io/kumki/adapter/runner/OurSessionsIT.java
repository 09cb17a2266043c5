package io.kumki.adapter.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.adapter.postgres.PgCatalog;
import io.kumki.core.model.Action.Slots;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.LocalServer.Replica;
import io.kumki.core.model.LocalServer.Unreachable;
import io.vertx.mutiny.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
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

    private final Path home = RunnerProcess.freshHome();
    private final RunnerProcess anna = new RunnerProcess(home, "anna");
    private final RunnerProcess bert = new RunnerProcess(home, "bert");
    private final Vertx vertx = Vertx.vertx();

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
