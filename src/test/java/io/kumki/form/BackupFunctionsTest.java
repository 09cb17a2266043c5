package io.kumki.form;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A function of deploy/backup/kumki-backup in a state that a real restore meets only at times. */
class BackupFunctionsTest {
    private static final List<String> WAL =
            List.of(
                    "00000007000000000000000B",
                    "00000008.history",
                    "00000008000000000000000A",
                    "00000008000000000000000B",
                    "00000008000000000000000C");

    @TempDir private Path data;

    /** Here 0B is being written, and 0C is an old file that is kept for reuse. */
    @Test
    void aRestoredClusterArchivesNeitherItsCurrentSegmentNorLaterNames() throws Exception {
        var status = Files.createDirectories(data.resolve("pg_wal/archive_status"));
        for (var name : WAL) {
            Files.writeString(data.resolve("pg_wal").resolve(name), "WAL");
        }
        handOver("8", "00000008000000000000000B");
        try (var marks = Files.list(status)) {
            assertThat(marks.map(m -> m.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "00000008.history.ready", "00000008000000000000000A.ready");
        }
    }

    /** What pg_controldata would say of the restored data stands in the arguments. */
    private void handOver(String timeline, String current)
            throws IOException, InterruptedException {
        var script =
                """
                source deploy/backup/kumki-backup help >/dev/null
                to=$0 number=$1 name=$2
                control() { if [[ $2 == *ID ]]; then echo "$number"; else echo "$name"; fi; }
                hand_over
                """;
        var process =
                new ProcessBuilder("bash", "-c", script, data.toString(), timeline, current)
                        .redirectErrorStream(true)
                        .start();
        var said = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(said).isZero();
    }
}
