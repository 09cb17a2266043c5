package io.kumki.cli;

import static io.kumki.api.Scene.N1;
import static io.kumki.api.Scene.N2;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.api.ClusterView;
import io.kumki.api.NodeView;
import io.kumki.api.Scene;
import io.kumki.core.model.Archiving;
import io.kumki.core.model.Episode.Cause;
import io.kumki.core.model.Mode;
import io.kumki.core.model.Runner;
import io.kumki.core.model.Safety;
import io.kumki.core.model.Wishes;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StatusTableTest {
    private static List<String> lines(Scene scene) {
        return StatusTable.lines(ClusterView.of(scene.snapshot()));
    }

    @Test
    void showsAHealthyCluster() {
        assertThat(lines(Scene.onLeader()))
                .containsExactly(
                        "Cluster odoo: leader n1 (10.0.0.1:5432), term 7, sync; seen by n1",
                        "A failover would promote n2.",
                        "",
                        "NAME  ROLE     SERVER     TL  LAG  SYNC  RULE",
                        "n1    leader   primary    3   -    -     L10-leading",
                        "n2    replica  streaming  3   0 B  yes   F10-following",
                        "n3    witness  -          -   -    -     F10-following",
                        "",
                        "n1: term 7, lease valid for 2000 ms",
                        "n2: streams from n1",
                        "n3: streams from n1");
    }

    @Test
    void saysThatTheArchiveIsBehind() {
        var behind = new Archiving(true, 40, 640 << 20, 7, 0, 900, -1, "", 0);
        var scene = Scene.onLeader().server(N1, Scene.archiving(behind));

        assertThat(ClusterView.of(scene.snapshot()).nodes())
                .extracting(NodeView::archive)
                .containsExactly(
                        "the archive is behind: 40 files (640 MB) wait, 512 MB may", "off", "");
        assertThat(lines(scene))
                .contains(
                        "n1: term 7, lease valid for 2000 ms; the archive is behind: 40 files (640 MB)",
                        "  wait, 512 MB may");
    }

    @Test
    void saysWhyNoFailoverIsPossible() {
        var scene = Scene.onLeader().register(r -> r.with(new Safety(Mode.SYNC, Set.of(N1))));
        assertThat(lines(scene))
                .contains("No failover is possible now: n2: may lack commits; complete: [n1].");
    }

    @Test
    void showsWishesAndWork() {
        var wishes = new Wishes(true, Optional.of(new Wishes.Switchover(N1, N2)), Optional.of(N2));
        var work = new Runner.Work(Optional.of("clone"), 35, 100, "", 0, "", 0);
        var scene =
                Scene.onLeader()
                        .register(r -> r.with(wishes))
                        .runner(N2, Scene.runner(0, work))
                        .abstaining();
        assertThat(lines(scene))
                .contains(
                        "No failover is possible now: paused.",
                        "PAUSED: nobody is promoted or rejoined by itself; `kumki resume` ends it.",
                        "Switchover from n1 to n2 is under way.",
                        "Forced failover to n2 waits for the lease.")
                .anyMatch(l -> l.contains("clone 35 %"))
                .contains(
                        "n1: term 7, lease valid for 2000 ms; does not vote, ABSTAINING: it lost its",
                        "  state");
    }

    @Test
    void longNamesAndReasonsStayWithin80Columns() {
        var table = new Table("NAME", "RULE", "BECAUSE");
        table.row("a".repeat(40), "F22-not-streaming", "x".repeat(90));
        table.row("b", "c", "d");
        assertThat(table.lines())
                .allMatch(l -> l.length() <= 80)
                .first()
                .asString()
                .contains("RULE");
        assertThat(Table.wrap("word ".repeat(60).strip(), "  ")).allMatch(l -> l.length() <= 80);
    }

    @Test
    void historyShowsCauseTimeAndLoss() {
        var episodes =
                List.of(
                        Scene.episode(9, N2, Cause.FORCED, Optional.empty()),
                        Scene.episode(8, N2, Cause.FAILOVER, Scene.opened(2048, false, "")),
                        Scene.episode(7, N1, Cause.SWITCHOVER, Scene.opened(0, true, "n1:/s/7")));
        var lines = HistoryTable.lines(episodes, ZoneOffset.UTC);
        assertThat(lines)
                .startsWith(
                        "TERM  WHEN                 LEADER  CAUSE       TOOK      LOST       SALVAGE",
                        "9     2025-11-22 08:26:40  n2      forced      unopened  -          -",
                        "8     2025-11-22 08:26:40  n2      failover    3.6 s     >= 2.0 kB  -",
                        "7     2025-11-22 08:26:40  n1      switchover  3.6 s     0 B        below")
                .contains("  kept aside: n1:/s/7")
                .allMatch(l -> l.length() <= 80);
        assertThat(HistoryTable.lines(List.of(), ZoneOffset.UTC))
                .containsExactly("The leader has not changed yet.");
    }

    @Test
    void unitsReadWell() {
        assertThat(Units.bytes(-1)).isEqualTo("-");
        assertThat(Units.bytes(1023)).isEqualTo("1023 B");
        assertThat(Units.bytes(16 << 20)).isEqualTo("16 MB");
        assertThat(Units.bytes(Long.MAX_VALUE)).endsWith("TB");
        assertThat(Units.seconds(1449)).isEqualTo("1.4 s");
    }
}
