package io.kumki.cluster;

import static io.kumki.cluster.Onlooker.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.SortedSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Commits wait for nobody: what is lost is bounded, measured and reported. */
class AsyncFailoverIT {
    private static final double HAND_SECONDS = 1;
    private static final Duration FROZEN = Duration.ofSeconds(60);

    private static DemoCluster cluster;
    private static Onlooker eye;

    private Member leader;
    private Member replica;

    @BeforeAll
    static void up() {
        cluster = new DemoCluster("--mode", "async");
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
    }

    @Test
    void aFrozenAgentsServerIsDownBeforeAnotherOneIsUp() throws InterruptedException {
        var term = leader.state().get("armed");
        cluster.freeze("agent", leader);
        long frozen = System.nanoTime();
        assertThat(eye.successorOf(leader)).isEqualTo(replica);
        cluster.writer.awaitMore();

        // The watch says when the last write passed; the runner's word may come a moment later.
        eventually(
                "the runner says that its server has ended",
                () ->
                        assertThat(leader.state())
                                .containsEntry("hand_term", term)
                                .containsEntry("pid", "0"));
        var reign = cluster.watch.latest(leader);
        // It notes when it fires: SIGQUIT now, SIGKILL a second later. Until then a write may pass.
        assertThat(Double.parseDouble(leader.state().get("hand")))
                .isGreaterThan(reign.until() - HAND_SECONDS)
                .isLessThan(cluster.watch.after(reign, replica).from());

        Thread.sleep(Math.max(0, FROZEN.toMillis() - (System.nanoTime() - frozen) / 1_000_000));
        assertThat(leader.state()).containsEntry("pid", "0");
        cluster.watch.assertNeverTwoWriters();
        cluster.thaw("agent", leader);
        rejoined();
    }

    @Test
    void theOldPrimaryIsRewoundAndItsWalKeptAside() throws InterruptedException {
        diverge("server");
        assertThat(eye.successorOf(leader)).isEqualTo(replica);
        var lost = rejoined();
        assertThat(lost).as("rows that only the old primary had").isNotEmpty();
        var salvage = eye.receipt().at("/opened/salvage").asText();
        assertThat(salvage).startsWith(leader.name() + ":");
        assertThat(Path.of(salvage.substring(salvage.indexOf(':') + 1))).isNotEmptyDirectory();
        assertThat(leader.log("runner")).contains("pg_rewind");
    }

    @Test
    void whereARewindIsImpossibleACloneIsMadeAside() throws Exception {
        diverge("node");
        assertThat(eye.successorOf(leader)).isEqualTo(replica);
        removeWal(leader);
        cluster.start(leader);
        keptUntilItStreams();
        assertThat(eye.healthy()).isEqualTo(replica);
        cluster.writer.forget(cluster.lost(replica));
        assertThat(cluster.sound()).isEqualTo(replica);
    }

    /** Kills the leader's server or node while it has rows that the replica has never received. */
    private void diverge(String kind) throws InterruptedException {
        long receiver = Long.parseLong(ask(replica, "select pid from pg_stat_wal_receiver"));
        long sender = Long.parseLong(ask(leader, "select pid from pg_stat_replication"));
        DemoCluster.signal("STOP", receiver);
        Thread.sleep(300);
        cluster.writer.awaitMore();
        cluster.kill(kind, leader);
        eventually("its walsender is gone", () -> assertThat(ProcessHandle.of(sender)).isEmpty());
        // It ends without a look at what waits in its socket.
        DemoCluster.signal("TERM", receiver);
        DemoCluster.signal("CONT", receiver);
    }

    private static String ask(Member node, String sql) {
        try {
            return eye.superuser.ask(node.server(), sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Without it neither crash recovery nor pg_rewind can do anything. */
    private static void removeWal(Member node) throws IOException {
        try (var files = Files.list(node.data().resolve("pg_wal"))) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                Files.delete(file);
            }
        }
    }

    /** The old directory stands aside as long as the new one does not stream. */
    private void keptUntilItStreams() {
        var old = leader.beside(".before-clone");
        eventually("the old directory is kept aside", () -> assertThat(old).isDirectory());
        eventually("it goes when the new one streams", () -> assertThat(old).doesNotExist());
        assertThat(ask(replica, "select count(*) from pg_stat_replication")).isEqualTo("1");
    }

    /** The old leader follows; what was lost is at most what the receipt says. */
    private SortedSet<Long> rejoined() {
        assertThat(eye.healthy()).isEqualTo(replica);
        eventually(
                "what was lost is measured",
                () -> assertThat(receipt().at("/opened/measured").asBoolean()).isTrue());
        var lost = cluster.lost(replica);
        assertThat((long) lost.size() * CountingWriter.ROW_BYTES)
                .isLessThanOrEqualTo(receipt().at("/opened/lostBytes").asLong());
        cluster.writer.forget(lost);
        assertThat(cluster.sound()).isEqualTo(replica);
        return lost;
    }

    private static JsonNode receipt() {
        return eye.receipt();
    }
}
