package io.kumki.cluster;

import static io.kumki.cluster.Onlooker.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** The primary's node loses its network; everything on it goes on running. */
@EnabledIf(value = "possible", disabledReason = "NEEDS ROOT AND NETWORK NAMESPACES; see above")
class NetworkCutIT {
    static boolean possible() {
        return Network.possible();
    }

    @Test
    void thePrimaryThatIsCutOffStopsItselfBeforeAnotherOneIsPromoted() {
        try (var network = new Network();
                var cluster = new HandCluster(network.hosts(), network.places())) {
            // What is cut off ends its lease; a node that only waits for its turn must not.
            network.hosts().keySet().forEach(node -> cluster.add(node, "ttl = 8s"));
            cluster.startAll();
            var old = cluster.eye.healthy();
            var next = cluster.eye.other(old);
            var login = cluster.eye.superuser;
            try (var watch = new WriterWatch(cluster.eye.members, old, login);
                    var writer =
                            new CountingWriter(
                                    cluster.eye.members.stream().map(Member::server).toList(),
                                    login)) {
                watch.start();
                writer.start();

                var term = old.state().get("armed");
                double cutAt = WriterWatch.uptime();
                network.cut(old.name());
                writeInside(cluster, old);
                assertThat(cluster.eye.successorOf(old)).isEqualTo(next);
                writer.awaitMore();
                double taken = watch.after(watch.latest(old), next).from();
                System.out.printf(
                        "cut off: %s accepted writes %.3f s after the cut%n",
                        next.name(), taken - cutAt);
                eventually(
                        "the runner says that its server has ended",
                        () ->
                                assertThat(old.state())
                                        .containsEntry("pid", "0")
                                        .containsEntry("hand_term", term));
                assertThat(Double.parseDouble(old.state().get("hand"))).isLessThan(taken);

                network.heal(old.name());
                assertThat(cluster.eye.healthy()).isEqualTo(next);
                assertThat(old.log("runner")).contains("pg_rewind");
                assertThat(writer.lost(next.server())).isEmpty();
                watch.assertNeverTwoWriters();
                eventually(
                        "the receipt tells of what was salvaged",
                        () ->
                                assertThat(cluster.eye.receipt().at("/opened/salvage").asText())
                                        .startsWith(old.name() + ":"));
            }
        }
    }

    /** A commit that nobody else ever gets: the node must be rewound before it can follow. */
    private static void writeInside(HandCluster cluster, Member node) {
        cluster.postgres(
                node.name(),
                "psql",
                "-qXh" + node.run(),
                "-p" + node.server().port(),
                "-Upostgres",
                "-c",
                "set synchronous_commit = local; create table cut_off as select 1 as one");
    }
}
