package io.kumki.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A primary and a replica that ran before Kumki came. */
@Tag("calm")
class AdoptionIT {
    @Test
    void aRunningPairIsAdoptedWithoutARestartAndThenFailsOver() throws Exception {
        try (var cluster = HandCluster.here().unhurried()) {
            var eye = cluster.eye;
            var primary = eye.member("n1");
            var replica = eye.member("n2");
            makePair(cluster, primary, replica);
            var since = eye.startedAt(primary);

            cluster.startAll();
            assertThat(eye.healthy()).isEqualTo(primary);
            assertThat(eye.startedAt(primary)).isEqualTo(since);
            assertThat(eye.receipt().path("cause").asText()).isEqualTo("ADOPTION");

            var servers = eye.members.stream().map(Member::server).toList();
            try (var watch = new WriterWatch(eye.members, primary, eye.superuser);
                    var writer = new CountingWriter(servers, eye.superuser)) {
                watch.start();
                writer.start();
                DemoCluster.signal("KILL", Long.parseLong(primary.state().get("pid")));
                assertThat(eye.successorOf(primary)).isEqualTo(replica);
                writer.awaitMore();
                assertThat(eye.healthy()).isEqualTo(replica);
                assertThat(writer.lost(replica.server())).isEmpty();
                watch.assertNeverTwoWriters();
            }
        }
    }

    /** As an administrator would without Kumki; only the roles are made by its script. */
    private static void makePair(HandCluster cluster, Member primary, Member replica)
            throws IOException {
        var data = primary.data().toString();
        cluster.postgres(
                "n1",
                "initdb",
                "-D" + data,
                "-Upostgres",
                "-Ascram-sha-256",
                "--pwfile=" + cluster.home.resolve("secret"),
                "--data-checksums");
        Files.writeString(
                primary.data().resolve("pg_hba.conf"),
                "\nhost replication all samenet scram-sha-256\nhost all all samenet scram-sha-256\n",
                StandardOpenOption.APPEND);
        launch(cluster, primary);
        Commands.run(
                Map.of(
                        "KUMKI_REPLICATION_PASSWORD",
                        HandCluster.PASSWORD,
                        "KUMKI_POSTGRES_PASSWORD",
                        HandCluster.PASSWORD,
                        "PGPASSWORD",
                        HandCluster.PASSWORD,
                        "PGHOST",
                        primary.server().host(),
                        "PGPORT",
                        Integer.toString(primary.server().port()),
                        "PATH",
                        cluster.programs + ":" + System.getenv("PATH")),
                "bash",
                "deploy/node/kumki-role.sh");
        cluster.postgres(
                "n2",
                "pg_basebackup",
                "-D" + replica.data(),
                "-R",
                "-h" + primary.server().host(),
                "-p" + primary.server().port(),
                "-Ureplicator",
                "-cfast",
                "-Xstream");
        launch(cluster, replica);
    }

    private static void launch(HandCluster cluster, Member node) {
        cluster.postgres(
                node.name(),
                "pg_ctl",
                "-D" + node.data(),
                "-w",
                "-l" + node.beside(".log"),
                "-o-c port=%d -c listen_addresses=%s -c unix_socket_directories=%s"
                        .formatted(node.server().port(), node.server().host(), node.run()),
                "start");
    }
}
