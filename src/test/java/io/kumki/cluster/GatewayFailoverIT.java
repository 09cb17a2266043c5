package io.kumki.cluster;

import static io.kumki.cluster.Onlooker.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.bench.OdooClient;
import io.kumki.bench.OldSessions;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client that behaves like Odoo meets at the gateway when a server or a node is lost. */
class GatewayFailoverIT {
    private static final int OLD_SESSIONS_OF_EACH_KIND = 3;

    private static DemoCluster cluster;
    private static Onlooker eye;
    private static OdooClient.Access access;

    private Member leader;
    private Member replica;

    @BeforeAll
    static void up() {
        cluster = new DemoCluster();
        eye = cluster.eye;
        access = OdooClient.Access.of(cluster.environment());
    }

    @AfterAll
    static void down() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @BeforeEach
    void healthy() {
        cluster.mend();
        leader = eye.healthy();
        replica = eye.other(leader);
    }

    @ParameterizedTest
    @ValueSource(strings = {"server", "node"})
    void onlyRequestsInsideATransactionFailWhenTheLeaderIsLost(String kind) throws Exception {
        try (var client = new OdooClient(access, Duration.ofMinutes(5))) {
            goesOn(client);
            cluster.kill(kind, leader);
            assertThat(eye.successorOf(leader)).isEqualTo(replica);
            goesOn(client);
            cluster.start(leader);
            assertThat(cluster.sound()).isEqualTo(replica);

            onlyInsideATransaction(client, client.stop());
            var kept = client.keptBy(replica.server().toString());
            assertThat(kept.acknowledged()).isPositive();
            assertThat(kept.lost()).isZero();
        }
    }

    /** Odoo would not use it for 20 minutes if it could once not connect. */
    @Test
    void readsGoOnWhenTheReplicaIsLost() throws Exception {
        try (var client = new OdooClient(access, Duration.ofMinutes(5))) {
            goesOn(client);
            cluster.kill("node", replica);
            goesOn(client);
            cluster.start(replica);
            assertThat(cluster.sound()).isEqualTo(leader);

            onlyInsideATransaction(client, client.stop());
        }
    }

    /** The whole node sleeps through the failover; its sessions hold what they could commit. */
    @Test
    void aFrozenLeadersSessionsCanCommitNothingWhenItWakesUp() throws Exception {
        try (var old = new OldSessions(access, OLD_SESSIONS_OF_EACH_KIND)) {
            cluster.freeze("node", leader);
            old.commitIntoTheFreeze();
            assertThat(eye.successorOf(leader)).isEqualTo(replica);
            cluster.thaw("node", leader);
            assertThat(old.commitAfterTheThaw()).as("sessions that committed").isZero();
            assertThat(eye.healthy()).isEqualTo(replica);
            // The watch writes to the server itself and waits for no standby: in the moment before
            // the hand wakes up too, such a write may pass (docs/FAILURE_MODES.md, "can't save").
            cluster.watch.forget(leader);
            assertThat(cluster.sound()).isEqualTo(replica);
            assertThat(old.rowsKept(access)).isZero();
        }
    }

    private static void onlyInsideATransaction(OdooClient client, JsonObject summary) {
        assertThat(client.requests())
                .filteredOn(OdooClient.Request::failed)
                .allMatch(OdooClient.Request::failedInside);
        assertThat(summary.getLong("refused")).as("refused connections").isZero();
        assertThat(summary.getLong("fallbacks")).as("replica given up").isZero();
        assertThat(summary.getLong("cron_deaths")).as("cron threads ended").isZero();
        assertThat(summary.getLong("hanging")).as("requests without an end").isZero();
    }

    /** Requests that were begun after now end well. */
    private static void goesOn(OdooClient client) {
        double now = OdooClient.now();
        eventually(
                "requests go on",
                () ->
                        assertThat(client.requestsBetween(now, now + 3600))
                                .filteredOn(r -> !r.failed())
                                .hasSizeGreaterThan(20));
    }
}
