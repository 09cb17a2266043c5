package io.kumki.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.support.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Two servers, one pgBackRest repository, and deploy/backup/kumki-pgbackrest. */
@Tag("calm")
class PgbackrestIT {
    /** The script does it all, and checks what it finds. */
    @Test
    void whatADyingPrimaryCouldNotArchiveItsHeirArchives() throws IOException {
        var home = Files.createTempDirectory(Path.of("/tmp"), "kb");
        Commands.run(
                "cp",
                "deploy/backup/kumki-pgbackrest",
                "src/test/backup/two-archivers.sh",
                home.toString());
        var command = new ArrayList<String>();
        if (Commands.root()) {
            Commands.run("chown", "-R", "postgres:", home.toString());
            command.addAll(
                    List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"));
        }
        command.addAll(
                List.of(
                        "bash",
                        home.resolve("two-archivers.sh").toString(),
                        home.resolve("kumki-pgbackrest").toString(),
                        home.resolve("work").toString(),
                        // Only names of sockets: the servers listen on no address.
                        Integer.toString(FreePort.next()),
                        Integer.toString(FreePort.next())));
        assertThat(Commands.run(Commands.choices(), command.toArray(String[]::new)))
                .contains("all as expected");
        Commands.run("rm", "-rf", home.toString());
    }
}
