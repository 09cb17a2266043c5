package io.kumki.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.cluster.Commands.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the container's entrypoint does to a volume before it becomes the runner. */
class NodeEntrypointTest {
    private static final int REFUSED = 64;

    @TempDir Path home;
    private Path volume;
    private Path data;
    private Path scripts;
    private Path programs;

    @BeforeEach
    void aVolumeAsTheOfficialImageLeavesIt() throws IOException {
        volume = Files.createDirectory(home.resolve("volume"));
        data = volume.resolve("pgdata");
        scripts = Files.createDirectory(home.resolve("scripts"));
        programs = Files.createDirectory(home.resolve("programs"));
        Files.copy(
                Commands.CHECKOUT.resolve("deploy/node/node-entrypoint.sh"),
                scripts.resolve("node-entrypoint.sh"),
                StandardCopyOption.REPLACE_EXISTING);
        Files.writeString(scripts.resolve("kumki-runner"), "echo \"runner $*\"\n");
        // The account postgres of the image: here, whoever runs this.
        accountIs(Files.getAttribute(volume, "unix:uid").toString());
        put(volume.resolve("global/pg_control"));
        put(volume.resolve("pg_wal/000000010000000000000001"));
        put(volume.resolve(".hidden"));
        Files.createDirectory(volume.resolve("pg_tblspc"));
        Files.writeString(volume.resolve("PG_VERSION"), "17\n");
        Files.createDirectory(volume.resolve("lost+found"));
    }

    @Test
    void anEmptyVolumeIsLeftToTheRunner() throws IOException {
        var empty = Files.createDirectory(home.resolve("empty"));
        var result = enter(empty.resolve("pgdata"), Map.of());
        assertThat(result.exit()).isZero();
        assertThat(result.output()).isEqualTo("runner -c a=b\n");
        assertThat(empty).isEmptyDirectory();
    }

    @Test
    void dataThatWasNotReadiedIsRefusedAndNotTouched() throws IOException {
        put(volume.resolve("postmaster.pid"));
        assertThat(refusal()).contains("stack without Kumki").contains("adopt.sh");
        assertThat(volume.resolve("postmaster.pid")).exists();
        assertThat(data).doesNotExist();
    }

    @Test
    void readiedDataMovesDownOnce() throws IOException {
        ready();
        put(volume.resolve("postmaster.pid"));
        assertThat(enter(data, Map.of("PG_MAJOR", "17")).output())
                .contains("moved")
                .endsWith("runner -c a=b\n");
        assertMoved();
        var again = enter(data, Map.of());
        assertThat(again.output()).isEqualTo("runner -c a=b\n");
        assertMoved();
    }

    @Test
    void anInterruptedMoveGoesOn() throws IOException {
        ready();
        Files.createDirectory(data);
        Files.move(volume.resolve("global"), data.resolve("global"));
        assertThat(enter(data, Map.of()).exit()).isZero();
        assertMoved();
    }

    @Test
    void aMarkerThatOutlivedTheMoveIsTakenAway() throws IOException {
        ready();
        assertThat(enter(data, Map.of()).exit()).isZero();
        ready();
        assertThat(enter(data, Map.of()).exit()).isZero();
        assertMoved();
    }

    @Test
    void whatIsThereTwiceIsNotGuessed() throws IOException {
        ready();
        put(data.resolve("global/other"));
        assertThat(refusal()).contains("global, which is in").contains("Compare the two");
        assertThat(volume.resolve("PG_VERSION")).exists();
        assertThat(volume.resolve("global/pg_control")).exists();
        assertThat(data.resolve("PG_VERSION")).doesNotExist();
    }

    @Test
    void twoDataDirectoriesAreRefused() throws IOException {
        ready();
        put(data.resolve("PG_VERSION"));
        assertThat(refusal()).contains("data directories in both");
        assertThat(volume.resolve("global/pg_control")).exists();
    }

    @Test
    void linksThatLeadOutAreRefused() throws IOException {
        ready();
        Files.createSymbolicLink(volume.resolve("pg_tblspc/16400"), home.resolve("elsewhere"));
        assertThat(refusal()).contains("pg_tblspc/16400").contains("tablespace");
        assertThat(data).doesNotExist();
    }

    @Test
    void anotherImagesAccountOrVersionIsRefused() throws IOException {
        ready();
        assertThat(enter(data, Map.of("PG_MAJOR", "16")).output())
                .contains("data of PostgreSQL 17")
                .contains("POSTGRES_IMAGE");
        accountIs("70");
        assertThat(refusal()).contains("of 70, this image's postgres");
        assertThat(data).doesNotExist();
    }

    private void assertMoved() {
        assertThat(data.resolve("PG_VERSION")).exists();
        assertThat(data.resolve("global/pg_control")).exists();
        assertThat(data.resolve("pg_wal/000000010000000000000001")).exists();
        assertThat(data.resolve(".hidden")).exists();
        assertThat(data.resolve("postmaster.pid")).doesNotExist();
        assertThat(volume.resolve("lost+found")).isDirectory();
        assertThat(volume.toFile().list()).containsExactlyInAnyOrder("pgdata", "lost+found");
    }

    private String refusal() {
        var result = enter(data, Map.of());
        assertThat(result.exit()).as(result.output()).isEqualTo(REFUSED);
        assertThat(result.output()).contains("Expected").doesNotContain("runner ");
        return result.output();
    }

    private Result enter(Path directory, Map<String, String> more) {
        var environment = new HashMap<>(more);
        environment.put("PGDATA", directory.toString());
        environment.put("PATH", programs + ":" + System.getenv("PATH"));
        var script = scripts.resolve("node-entrypoint.sh").toString();
        return Commands.attempt(List.of("bash", script, "-c", "a=b"), environment);
    }

    private void ready() throws IOException {
        put(volume.resolve("kumki-adopt"));
    }

    private static void put(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "x");
    }

    /** Stands in for the image's account database, so that no account postgres is needed here. */
    private void accountIs(String number) throws IOException {
        program("id", "echo " + number);
        program("chown", "exit 0");
    }

    private void program(String name, String body) throws IOException {
        var file = programs.resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
