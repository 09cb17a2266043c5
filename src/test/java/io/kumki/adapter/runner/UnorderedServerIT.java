package io.kumki.adapter.runner;

import static io.kumki.adapter.runner.RunnerProcess.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * I1 beside an agent that is dead or frozen: none runs here. Whatever a person does to the server,
 * none writes without an order.
 */
class UnorderedServerIT {
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
    void noServerWritesWithoutAnOrder() throws IOException {
        anna.start().bootstrap();
        anna.sql("create table story (chapter int)");
        anna.sql("select pg_create_physical_replication_slot('bert')");
        bert.start();
        assertThat(bert.follow("clone", anna, "slot=bert")).containsEntry("result", "done");

        promotionIsBarred();
        promotedByHandItIsEnded();
        itRejoinsAndItsWalIsKept();
        alsoWhileTheRunnersLoopHangs();
        restartedByHandItIsEnded();
    }

    private void promotionIsBarred() {
        await().atMost(PATIENCE).until(() -> Files.isSymbolicLink(bert.data.resolve("promote")));
        assertThatThrownBy(() -> bert.sql("select pg_promote(true, 5)"))
                .hasMessageContaining("could not create file \"promote\"");
        assertThat(bert.sql("select pg_is_in_recovery()")).isEqualTo("t");
    }

    private void promotedByHandItIsEnded() throws IOException {
        // A rewind starts at the last checkpoint that both have.
        anna.sql("checkpoint");
        anna.sql("insert into story values (1)");
        bert.awaitSql("select count(*) from story", "1");
        promoteAround();

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(bert.state("server")).isIn("stopped", "crashed"));
        assertThat(bert.serverProcesses()).isEmpty();
        assertThat(bert.state()).containsEntry("control", "in production");
        assertThat(bert.state("incident")).contains("left recovery without an order");
        assertThat(Files.readString(bert.log())).contains("event=unordered-server");
    }

    /** Its way is a primary's: what it wrote is kept, whatever of it there is. */
    private void itRejoinsAndItsWalIsKept() {
        assertThat(bert.state("timeline")).isEqualTo("2");
        var fork = bert.state("history").split(":")[1];
        anna.sql("insert into story values (2)");

        var state = bert.follow("rewind", anna, "slot=bert", "fork_lsn=" + fork);

        assertThat(state).containsEntry("result", "done").containsEntry("incident", "");
        assertThat(Path.of(state.get("salvage"))).isNotEmptyDirectory();
        bert.awaitSql("select count(*) from story", "2");
    }

    private void alsoWhileTheRunnersLoopHangs() {
        var runner = bert.state("runner");
        bert.signal("STOP", runner);
        promoteAround();
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(bert.serverProcesses()).isEmpty());
        bert.signal("CONT", runner);
        bert.awaitServer("crashed");
        assertThat(bert.state("incident")).contains("left recovery without an order");
    }

    private void restartedByHandItIsEnded() throws IOException {
        RunnerProcess.asServerUser(
                "%s/pg_ctl -D %s -w -l /dev/null -o '-p %d -k %s' restart || true"
                        .formatted(RunnerProcess.programs(), anna.data, anna.port, anna.data));
        await().atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThat(anna.state("incident"))
                                        .contains("this runner did not start"));
        anna.awaitServer("stopped");
        assertThat(anna.serverProcesses()).isEmpty();
        assertThat(anna.order("primary", 1)).containsEntry("incident", "");
        assertThat(Files.readString(anna.log())).doesNotContain("Killed", " line ");
    }

    /** What pg_promote() does, past the link: again and again, for the runner puts it back. */
    private void promoteAround() {
        var once = "rm -f promote; touch promote; kill -USR1 %s || break; sleep 0.02";
        RunnerProcess.asServerUser(
                "bash -c 'cd %s; for i in {1..500}; do [ -e standby.signal ] || break; %s; done'"
                        .formatted(bert.data, once.formatted(bert.state("pid"))));
        assertThat(bert.data.resolve("standby.signal")).doesNotExist();
    }
}
