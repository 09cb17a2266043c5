package io.kumki.adapter.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A new leader that is away for a moment costs an old primary no directory. */
class BusySourceIT {
    private final Path home = RunnerProcess.freshHome();
    private final RunnerProcess anna = new RunnerProcess(home, "anna");
    private final RunnerProcess bert = new RunnerProcess(home, "bert");

    @AfterEach
    void endEverything() {
        anna.close();
        bert.close();
        RunnerProcess.shell("rm -rf " + home);
    }

    @Test
    void aRewindWaitsForASourceThatRestarts() {
        anna.start().bootstrap();
        anna.sql("create table story (chapter int)");
        anna.sql("select pg_create_physical_replication_slot('bert')");
        bert.start().follow("clone", anna, "slot=bert");
        bert.order("standby", 0, "source_host=");
        anna.sql("insert into story select generate_series(1, 100)");
        anna.signal("KILL", anna.state("pid"));
        anna.awaitServer("crashed");
        var history = bert.lease(2, 600).order("primary", 2, "sync_names=").get("history");
        bert.sql("checkpoint");
        bert.order("stop", 2, "mode=fast");

        anna.give(
                "rewind",
                0,
                "source_host=127.0.0.1",
                "source_port=" + bert.port,
                "fork_lsn=" + history.split(":")[1]);
        Awaitility.await()
                .atMost(RunnerProcess.PATIENCE)
                .untilAsserted(
                        () ->
                                assertThat(Files.readString(anna.log()))
                                        .contains("Connection refused"));
        bert.order("primary", 2, "sync_names=");

        anna.awaitServer("standby");
        assertThat(anna.state()).containsEntry("job", "");
        anna.awaitSql("select count(*) from story", "0");
        bert.awaitSql("select state from pg_stat_replication", "streaming");
        assertThat(anna.data.resolveSibling("data.before-clone")).doesNotExist();
    }
}
