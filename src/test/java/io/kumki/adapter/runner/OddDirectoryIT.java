package io.kumki.adapter.runner;

import static io.kumki.adapter.runner.RunnerProcess.asServerUser;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Data directories as people have them: PGDATA leads to a bigger disk, so does pg_wal, there is a
 * tablespace, and a key that is this node's alone.
 */
class OddDirectoryIT {
    private final Path home = RunnerProcess.freshHome();
    private final RunnerProcess anna = new RunnerProcess(home, "anna");
    private final RunnerProcess bert = new RunnerProcess(home, "bert");
    private final Path disk = home.resolve("disk");

    @AfterEach
    void endEverything() {
        anna.close();
        bert.close();
        RunnerProcess.shell("rm -rf " + home);
    }

    @Test
    void linksTablespacesAndKeysSurviveClonesAndRewinds() throws IOException {
        foundWithATablespace();
        asServerUser("mkdir -p -m 700 %s/big %s/wal".formatted(disk, disk));
        asServerUser("ln -s %s/big %s".formatted(disk, bert.data));
        assertThat(bert.start().follow("clone", anna)).containsEntry("result", "done");
        bert.order("stop", 0, "mode=fast");
        asServerUser("mv %s/pg_wal %s/wal/bert".formatted(bert.data, disk));
        asServerUser("ln -s %s/wal/bert %s/pg_wal".formatted(disk, bert.data));
        key(bert, "bert");

        assertThat(bert.follow("clone", anna)).containsEntry("result", "done");

        asTheyWere();
        bert.awaitSql("select count(*) from kept.story", "1");

        var fork = diverge();
        var refused = rewindFromAnUnreadableSource(fork);
        assertThat(refused.get("error")).contains("server.key", "nothing was changed");
        key(anna, "anna");
        var state = bert.follow("rewind", anna, "fork_lsn=" + fork);
        assertThat(state).containsEntry("result", "done");
        bert.awaitSql("select count(*) from kept.story", "2");
        asTheyWere();
    }

    private void foundWithATablespace() throws IOException {
        anna.start().bootstrap();
        key(anna, "anna");
        // What pg_rewind has to read goes with the checkpoint of a promotion otherwise.
        anna.sql("alter system set wal_keep_size = '256MB'");
        anna.sql("select pg_reload_conf()");
        var place = home.resolve("space");
        asServerUser("mkdir -m 700 " + place);
        anna.sql("create tablespace far location '" + place + "'");
        anna.sql("create schema kept");
        anna.sql("create table kept.story (chapter int) tablespace far");
        anna.sql("insert into kept.story values (1)");
    }

    /** Bert leads and writes, anna goes on to another timeline; where their ways part. */
    private String diverge() {
        bert.order("standby", 0, "source_host=");
        bert.lease(2, 600).order("primary", 2, "sync_names=");
        bert.sql("insert into kept.story values (7)");
        bert.order("stop", 2, "mode=immediate");
        anna.order("standby", 2, "source_host=");
        anna.lease(3, 600).order("primary", 3, "sync_names=");
        anna.sql("insert into kept.story values (2)");
        anna.sql("checkpoint");
        return bert.state("history").replaceAll(".*:", "");
    }

    private Map<String, String> rewindFromAnUnreadableSource(String fork) {
        RunnerProcess.shell("chmod 000 " + anna.data.resolve("server.key"));
        return bert.follow("rewind", anna, "fork_lsn=" + fork);
    }

    private void asTheyWere() throws IOException {
        assertThat(bert.data).isSymbolicLink();
        assertThat(bert.data.resolve("pg_wal").toRealPath().getParent())
                .isEqualTo(disk.resolve("wal"));
        assertThat(Files.readString(bert.data.resolve("server.key"))).isEqualTo("bert");
        bert.awaitSql("select pg_is_in_recovery()", "t");
    }

    private static void key(RunnerProcess node, String text) throws IOException {
        var file = node.data.resolve("server.key");
        Files.deleteIfExists(file);
        Files.writeString(file, text);
        RunnerProcess.shell("chmod 400 " + file);
        if (RunnerProcess.root()) {
            RunnerProcess.shell("chown postgres: " + file);
        }
    }
}
