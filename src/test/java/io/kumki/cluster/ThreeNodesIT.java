package io.kumki.cluster;

import static io.kumki.cluster.Onlooker.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Three nodes and a witness: who was not promoted follows the one who was. */
class ThreeNodesIT {
    private static DemoCluster cluster;
    private static Onlooker eye;

    @BeforeAll
    static void up() {
        cluster = new DemoCluster("--nodes", "3");
        eye = cluster.eye;
    }

    @AfterAll
    static void down() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void theThirdFollowsTheNewLeaderTwice() {
        var first = eye.healthy();
        var second = nodeKilled(first);
        cluster.start(first);
        assertThat(cluster.sound()).isEqualTo(second);
        var third = nodeKilled(second);
        cluster.start(second);
        assertThat(cluster.sound()).isEqualTo(third);
    }

    /** Returns the new leader once the third node streams from it. */
    private static Member nodeKilled(Member leader) {
        cluster.kill("node", leader);
        var next = eye.successorOf(leader);
        cluster.writer.awaitMore();
        assertThat(cluster.lost(next)).isEmpty();
        var third = eye.members.stream().filter(m -> !Set.of(leader, next).contains(m)).findFirst();
        eventually(
                "the third follows " + next,
                () -> {
                    assertThat(third.orElseThrow().state())
                            .containsEntry("source_port", Integer.toString(next.server().port()));
                    assertThat(
                                    eye.superuser.ask(
                                            next.server(),
                                            "select string_agg(application_name, ',') from"
                                                    + " pg_stat_replication where state ="
                                                    + " 'streaming'"))
                            .isEqualTo(third.orElseThrow().name());
                });
        return next;
    }
}
