package io.kumki.cluster;

import static io.kumki.cluster.Onlooker.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.HostPort;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A replica that does not replay is withdrawn by its age, also while nobody writes. */
class StaleReplicaIT {
    private static DemoCluster cluster;

    @BeforeAll
    static void up() {
        cluster =
                new DemoCluster(
                        "--set",
                        "write-probe=500ms",
                        "--set",
                        "replica-max-lag-time=3s",
                        "--set",
                        "replica-return-after=1s");
    }

    @AfterAll
    static void down() {
        cluster.close();
    }

    @Test
    void itsAgeIsKnownOnAnIdlePrimaryAndReadsGoElsewhere() throws SQLException, IOException {
        var eye = cluster.eye;
        var leader = eye.healthy();
        var replica = eye.other(leader);
        long writer = Long.parseLong(Files.readString(cluster.home.resolve("writer/pid")).strip());
        readsGoTo(replica);
        DemoCluster.signal("STOP", writer);
        try {
            cluster.idle();
            eye.superuser.ask(replica.server(), "select pg_wal_replay_pause()");
            readsGoTo(leader);
            theProbeWrites(leader);
            eventually(
                    "/replica to say that it is old",
                    () ->
                            assertThat(eye.agents().check(replica.api(), "/replica?lag=3s"))
                                    .isEqualTo(503));
            assertThat(eye.agents().check(replica.api(), "/replica"))
                    .as("a replay that is paused goes on ageing: no limit is needed")
                    .isEqualTo(503);
            eye.superuser.ask(replica.server(), "select pg_wal_replay_resume()");
            readsGoTo(replica);
            eventually(
                    "/replica to say that it has caught up",
                    () ->
                            assertThat(eye.agents().check(replica.api(), "/replica?lag=3s"))
                                    .isEqualTo(200));
        } finally {
            DemoCluster.signal("CONT", writer);
        }
    }

    private static void theProbeWrites(Member leader) throws SQLException {
        var number = "select number from kumki.write_probe";
        var postgres = new Login("postgres", cluster.eye.superuser.password(), "postgres");
        long before = Long.parseLong(postgres.ask(leader.server(), number));
        eventually(
                "the write probe to go on",
                () ->
                        assertThat(Long.parseLong(postgres.ask(leader.server(), number)))
                                .isGreaterThan(before));
    }

    private static void readsGoTo(Member node) {
        var reads = HostPort.parse(cluster.environment().get("GATEWAY_RO"));
        eventually(
                "reads to go to " + node,
                () ->
                        assertThat(cluster.login().ask(reads, "select inet_server_port()"))
                                .isEqualTo(Integer.toString(node.server().port())));
    }
}
