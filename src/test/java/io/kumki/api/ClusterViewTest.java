package io.kumki.api;

import static io.kumki.api.Scene.N1;
import static io.kumki.api.Scene.N2;
import static io.kumki.api.Scene.N3;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.Lease;
import io.kumki.core.model.Mode;
import io.kumki.core.model.Runner;
import io.kumki.core.model.Safety;
import io.kumki.core.model.Wishes;
import io.kumki.wire.Json;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ClusterViewTest {
    @Test
    void saysWhoLeadsAndWhoCouldTakeOver() {
        var cluster = ClusterView.of(Scene.onReplica().snapshot());
        assertThat(cluster.leader()).isEqualTo("n1");
        assertThat(cluster.leaderAddress()).isEqualTo("10.0.0.1:5432");
        assertThat(cluster.term()).isEqualTo(7);
        assertThat(cluster.failoverTarget()).isEqualTo("n2");
        assertThat(cluster.objections()).isEmpty();
        assertThat(cluster.nodes())
                .extracting(NodeView::role)
                .containsExactly("leader", "replica", "witness");
        assertThat(cluster.nodes())
                .extracting(NodeView::server)
                .containsExactly("primary", "replica", "");
        assertThat(cluster.nodes()).extracting(NodeView::sync).containsExactly(false, true, false);
        assertThat(cluster.nodes()).extracting(NodeView::lagBytes).containsExactly(-1L, 0L, -1L);
    }

    @Test
    void saysWhyNobodyCouldTakeOver() {
        var scene = Scene.onLeader().register(r -> r.with(new Safety(Mode.SYNC, Set.of(N1))));
        var cluster = ClusterView.of(scene.snapshot());
        assertThat(cluster.failoverTarget()).isEmpty();
        assertThat(cluster.objections()).containsExactly("n2: may lack commits; complete: [n1]");
    }

    @Test
    void listsMembersThatWereNotHeard() {
        var cluster = ClusterView.of(Scene.onLeader().unheard(N2).unheard(N3).snapshot());
        assertThat(cluster.nodes())
                .extracting(NodeView::role)
                .containsExactly("leader", "unheard", "unheard");
        assertThat(cluster.nodes()).extracting(NodeView::heard).containsExactly(true, false, false);
    }

    @Test
    void knowsNoLeaderWithoutALease() {
        var cluster =
                ClusterView.of(
                        Scene.onReplica()
                                .lease(new Lease.Unknown("alone"))
                                .noRegister()
                                .snapshot());
        assertThat(cluster.leader()).isEmpty();
        assertThat(cluster.term()).isZero();
        assertThat(cluster.nodes().get(0).role()).isEqualTo("primary");
    }

    @Test
    void showsWishesAndProgress() {
        var work = new Runner.Work(Optional.of("clone"), 35, 100, "", 0, "", 0);
        var wishes = new Wishes(true, Optional.of(new Wishes.Switchover(N1, N2)), Optional.of(N2));
        var cluster =
                ClusterView.of(
                        Scene.onLeader()
                                .register(r -> r.with(wishes))
                                .runner(N2, Scene.runner(0, work))
                                .snapshot());
        assertThat(cluster.paused()).isTrue();
        assertThat(cluster.switchover()).isEqualTo("n1 to n2");
        assertThat(cluster.forced()).isEqualTo("n2");
        assertThat(cluster.nodes().get(1).work()).isEqualTo("clone 35 %");
    }

    @Test
    void survivesTheWayThroughJson() {
        var cluster = ClusterView.of(Scene.onLeader().abstaining().snapshot());
        assertThat(Json.read(Json.write(cluster), ClusterView.class)).isEqualTo(cluster);
        var detail = NodeDetail.of(Scene.onReplica().snapshot());
        assertThat(Json.write(detail)).contains("\"lease\":\"Theirs", "\"is\":\"replica\"");
    }
}
