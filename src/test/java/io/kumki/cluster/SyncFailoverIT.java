package io.kumki.cluster;

import static io.kumki.cluster.Onlooker.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two nodes and a witness, commits wait for the replica: nothing acknowledged is ever lost. */
class SyncFailoverIT {
    private static DemoCluster cluster;
    private static Onlooker eye;

    private Member leader;
    private Member replica;
    private int reloads;

    @BeforeAll
    static void up() {
        cluster = new DemoCluster();
        eye = cluster.eye;
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
        cluster.odoo.pointsTo(leader, eye.except(leader));
        reloads = cluster.odoo.reloads().size();
    }

    @Test
    void serverKilled() {
        cluster.kill("server", leader);
        takenOver();
        assertThat(cluster.sound()).isEqualTo(replica);
    }

    @Test
    void agentKilled() {
        cluster.kill("agent", leader);
        takenOver();
        eventually(
                "its runner says that the server has ended",
                () -> assertThat(leader.state().get("server")).isIn("stopped", "crashed"));
        cluster.start(leader);
        assertThat(cluster.sound()).isEqualTo(replica);
    }

    @Test
    void nodeKilledAndStarted() {
        cluster.kill("node", leader);
        takenOver();
        cluster.start(leader);
        assertThat(cluster.sound()).isEqualTo(replica);
    }

    @Test
    void serverFrozen() {
        cluster.freeze("server", leader);
        takenOver();
        assertThat(cluster.sound()).isEqualTo(replica);
    }

    /** Sessions go on, but nobody can connect any more. */
    @Test
    void postmasterFrozen() {
        DemoCluster.signal("STOP", Long.parseLong(leader.state().get("pid")));
        takenOver();
        assertThat(cluster.sound()).isEqualTo(replica);
    }

    @Test
    void replicaKilledAndBack() {
        assertThat(eye.safe(leader)).containsExactlyInAnyOrder(leader.name(), replica.name());
        cluster.kill("node", replica);
        eventually(
                "the replica is no longer safe to promote",
                () -> assertThat(eye.safe(leader)).containsExactly(leader.name()));
        cluster.writer.awaitMore();
        cluster.start(replica);
        assertThat(cluster.sound()).isEqualTo(leader);
        assertThat(eye.safe(leader)).containsExactlyInAnyOrder(leader.name(), replica.name());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void bothNodesKilledAndStarted(boolean leaderFirst) {
        cluster.kill("node", replica);
        cluster.kill("node", leader);
        cluster.start(leaderFirst ? leader : replica);
        cluster.start(leaderFirst ? replica : leader);
        cluster.sound();
    }

    @Test
    void twoFailoversInARow() {
        cluster.kill("server", leader);
        eye.successorOf(leader);
        assertThat(eye.healthy()).isEqualTo(replica);
        cluster.kill("server", replica);
        eye.successorOf(replica);
        assertThat(cluster.sound()).isEqualTo(leader);
    }

    /** Rows that only the second leader acknowledged are lost by order, and kept by its node. */
    @Test
    void forcedToLeadWithoutWhatTheOtherAcknowledged() {
        cluster.kill("node", leader);
        takenOver();
        cluster.kill("node", replica);
        cluster.start(leader);
        eventually(
                "it waits for who led last", () -> assertThat(eye.rule(leader)).startsWith("V22"));
        // What `kumki failover NODE --accept-data-loss` asks for.
        eye.agents.operate(leader.api(), "failover", "{\"to\":\"" + leader.name() + "\"}");
        assertThat(eye.successorOf(replica)).isEqualTo(leader);
        cluster.start(replica);
        assertThat(eye.healthy()).isEqualTo(leader);

        var lost = cluster.lost(leader);
        assertThat(lost).as("rows that only the other had").isNotEmpty();
        cluster.writer.forget(lost);
        assertThat(replica.log("runner")).contains("pg_rewind");
        assertThat(Path.of(replica.state().get("salvage"))).isNotEmptyDirectory();
        assertThat(Long.parseLong(replica.state().get("salvage_bytes"))).isPositive();
        assertThat(eye.receipt().path("cause").asText()).isEqualTo("FORCED");
        assertThat(Integer.parseInt(leader.state().get("timeline")))
                .as("a timeline of its own")
                .isGreaterThanOrEqualTo(eye.receipt().path("term").asInt());
        assertThat(cluster.sound()).isEqualTo(leader);
    }

    @Test
    void switchoverThereAndBack() {
        cluster.switchover(replica);
        assertThat(cluster.sound()).isEqualTo(replica);
        assertThat(eye.receipt().path("cause").asText()).isEqualTo("SWITCHOVER");
        assertThat(eye.receipt().at("/opened/lostBytes").asLong()).isZero();
        cluster.switchover(leader);
        assertThat(cluster.sound()).isEqualTo(leader);
    }

    @Test
    void pausedNobodyIsPromotedAndTheServerIsRestartedInPlace() {
        eye.agents.operate(leader.api(), "pause", "");
        var term = eye.receipt().path("term").asLong();
        var before = eye.startedAt(leader);
        cluster.kill("server", leader);
        eventually(
                "the server is up again",
                () -> assertThat(eye.startedAt(leader)).isNotEqualTo(before));
        cluster.writer.awaitMore();
        eventually("it leads again", () -> assertThat(eye.leader()).contains(leader));
        assertThat(eye.receipt().path("term").asLong()).isEqualTo(term);
        eye.agents.operate(leader.api(), "resume", "");
        assertThat(cluster.sound()).isEqualTo(leader);
    }

    @Test
    void everythingStoppedAndStarted() {
        cluster.restart();
        cluster.sound();
    }

    /** The replica leads, writes go on, Odoo was told after that, and the receipt says so. */
    private void takenOver() {
        assertThat(eye.successorOf(leader)).isEqualTo(replica);
        cluster.writer.awaitMore();
        cluster.odoo.reloadedWith(replica, reloads);
        eventually(
                "a receipt",
                () -> {
                    var receipt = eye.receipt();
                    assertThat(receipt.path("leader").asText()).isEqualTo(replica.name());
                    assertThat(receipt.path("cause").asText()).isEqualTo("FAILOVER");
                    assertThat(receipt.path("safe").asBoolean()).isTrue();
                    assertThat(receipt.at("/opened/lostBytes").asLong(-1)).isZero();
                });
    }
}
