package io.kumki.cluster;

import static io.kumki.cluster.Onlooker.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.HostPort;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A switchover that waits for an open transaction can be given up, and everything is as it was. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SwitchoverAbortIT {
    private DemoCluster cluster;
    private HostPort writes;
    private Login odoo;

    @BeforeAll
    void start() {
        cluster = new DemoCluster("--set", "switchover-drain=60s");
        writes = HostPort.parse(cluster.environment().get("GATEWAY_RW"));
        odoo = cluster.login();
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    @Test
    void theHoldEndsAndTheTransactionIsKept() throws SQLException, IOException {
        var leader = cluster.eye.healthy();
        odoo.tell(writes, "create table if not exists kept (word text)");
        try (var open = transaction()) {
            open.createStatement().execute("insert into kept values ('begun before')");
            cluster.eye.agents().operate(leader.api(), "switchover", "");
            awaitState("draining");

            var waiting = CompletableFuture.supplyAsync(this::serverPort);
            assertThat(cluster.eye.agents().check(leader.api(), "/primary")).isEqualTo(200);
            assertThat(waiting).as("a new session waits").isNotDone();

            cluster.eye.agents().delete(leader.api(), "switchover");
            assertThat(waiting.join()).isEqualTo(leader.server().port());
            open.commit();
        }
        awaitState("open");
        assertThat(odoo.ask(writes, "select count(*) from kept")).isEqualTo("1");
        assertThat(cluster.sound()).isEqualTo(leader);
        var again = cluster.eye.agents().attemptDelete(leader.api(), "switchover");
        assertThat(again.statusCode()).isEqualTo(409);
        assertThat(again.body()).contains("no switchover is pending");
    }

    private Connection transaction() throws SQLException {
        var connection = odoo.through(writes);
        connection.setAutoCommit(false);
        return connection;
    }

    private int serverPort() {
        try (var connection = odoo.through(writes);
                var rows = connection.createStatement().executeQuery("select inet_server_port()")) {
            rows.next();
            return rows.getInt(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void awaitState(String state) {
        eventually(
                "the witness's routes to be " + state,
                () ->
                        assertThat(
                                        cluster.eye
                                                .agents()
                                                .read(cluster.eye.witness(), "/api/v1/routes")
                                                .orElseThrow()
                                                .path("state")
                                                .asText())
                                .isEqualTo(state));
    }
}
