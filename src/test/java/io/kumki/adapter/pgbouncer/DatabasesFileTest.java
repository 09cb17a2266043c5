package io.kumki.adapter.pgbouncer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kumki.core.model.HostPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabasesFileTest {
    private static final HostPort TARGET = new HostPort("db-1.lan", 5432);

    @TempDir Path folder;

    @Test
    void aNewFileIsReadableToPgbouncer() throws IOException {
        var path = folder.resolve("new.ini");

        assertThat(file(path).point(TARGET)).isTrue();
        assertThat(path)
                .hasContent(
                        """
                        ; Kumki writes this file as a whole, whenever another node leads.
                        * = host=db-1.lan port=5432
                        postgres = host=db-1.lan port=5432 pool_mode=session
                        """);
        assertThat(mode(path)).isEqualTo("rw-r--r--");
        assertThat(file(path).point(TARGET)).isFalse();
    }

    @Test
    void anOldFileKeepsItsModeAndALinkStaysALink() throws IOException {
        var path = Files.writeString(folder.resolve("old.ini"), "* = host=old\n");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw----"));
        var link = Files.createSymbolicLink(folder.resolve("link.ini"), path);

        assertThat(file(link).point(TARGET)).isTrue();
        assertThat(link).isSymbolicLink();
        assertThat(path).content().contains("host=db-1.lan");
        assertThat(mode(path)).isEqualTo("rw-rw----");
        assertThat(folder).isDirectoryNotContaining("glob:**kumki-new");
    }

    @Test
    void whatCanNotBeWrittenIsSaid() {
        var path = folder.resolve("no-such-folder").resolve("file.ini");

        assertThatThrownBy(() -> file(path).point(TARGET))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(path.toString());
        assertThatThrownBy(() -> file(path).point(new HostPort("a b", 1)))
                .isInstanceOf(IOException.class);
    }

    private static DatabasesFile file(Path path) {
        return new DatabasesFile(path, List.of("postgres"));
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
