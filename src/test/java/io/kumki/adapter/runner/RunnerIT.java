package io.kumki.adapter.runner;

import static io.kumki.adapter.runner.RunnerProcess.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The runner's contract (docs/RUNNER.md) against real PostgreSQL and real kills. */
class RunnerIT {
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
    void waitsWithoutAnOrderAndNeverStartsByItself() throws Exception {
        anna.start().bootstrap();
        anna.order("stop", 1, "mode=fast");
        anna.process().destroy();
        assertThat(anna.process().waitFor()).isZero();
        var leftover = anna.data.resolveSibling("data.discarded.1");
        RunnerProcess.asServerUser("mkdir -p " + leftover + "/base");

        anna.start();

        Thread.sleep(1500);
        assertThat(leftover).doesNotExist();
        assertThat(anna.state()).containsEntry("server", "stopped").containsEntry("armed", "0");
        assertThat(anna.serverProcesses()).isEmpty();
    }

    @Test
    void refusesAPrimaryWithoutALeaseThatRuns() {
        anna.start();
        assertThat(anna.order("primary", 1, "bootstrap=yes")).containsEntry("result", "refused");
        anna.lease(1, -1);
        assertThat(anna.order("primary", 1, "bootstrap=yes")).containsEntry("result", "refused");
        anna.lease(2, 600);
        assertThat(anna.order("primary", 1, "bootstrap=yes")).containsEntry("result", "refused");
        assertThat(anna.state()).containsEntry("server", "empty").containsEntry("armed", "0");
        assertThat(anna.data.resolve("PG_VERSION")).doesNotExist();
    }

    @Test
    void firesTheHandAtTheDeadline() {
        anna.start().bootstrap().lease(1, 1);
        var state = anna.awaitServer("stopped").state();
        assertThat(state).containsEntry("hand_term", "1").containsEntry("armed", "0");
        assertThat(anna.serverProcesses()).isEmpty();
    }

    @Test
    void firesTheHandAlsoOnAFrozenServer() {
        anna.start().bootstrap();
        anna.serverProcesses().forEach(pid -> anna.signal("STOP", pid.toString()));
        anna.lease(1, 0.5);
        var end = RunnerProcess.uptime() + 0.5 + 3;
        anna.awaitServer("stopped");
        assertThat(RunnerProcess.uptime()).isLessThan(end);
        assertThat(anna.serverProcesses()).isEmpty();
    }

    @Test
    void firesTheHandWhenTheLeaseVanishes() {
        anna.start().bootstrap();
        RunnerProcess.shell("rm " + anna.data.resolveSibling("run").resolve("lease"));
        anna.awaitServer("stopped");
    }

    @Test
    void killedRunnerTakesTheServerDown() {
        anna.start().bootstrap();
        anna.process().destroyForcibly();
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(anna.serverProcesses()).isEmpty());
    }

    /** The hand is the last safety: it must not be missed until the loop hangs, too. */
    @Test
    void startsAnotherHandWhenItsOwnIsKilled() throws Exception {
        anna.start().bootstrap();
        anna.signal("KILL", hand().orElseThrow());
        await().atMost(PATIENCE).until(() -> hand().isPresent());
        anna.signal("STOP", anna.state("runner"));
        anna.lease(1, 0);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(anna.serverProcesses()).isEmpty());
    }

    /**
     * What bash takes for fatal, here a name that is not set: nobody looks after the server then.
     */
    @Test
    void takesItsServerAlongWhenItBreaks() throws Exception {
        var fault = "[[ ! -e $KUMKI_RUN/fault ]] || { rm $KUMKI_RUN/fault; : $NO_SUCH_NAME; }";
        RunnerProcess.shell("sed -i '/^watch_clone() {/a " + fault + "' " + home + "/kumki-runner");
        anna.start().bootstrap();

        Files.createFile(anna.run.resolve("fault"));

        assertThat(anna.process().waitFor()).isNotZero();
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(anna.serverProcesses()).isEmpty());
        assertThat(Files.readString(anna.log()))
                .contains("NO_SUCH_NAME: unbound variable", "event=runner-broke");
        anna.start().awaitServer("crashed");
        assertThat(anna.lease(1, 600).order("primary", 1)).containsEntry("result", "done");
    }

    /** PIPE: nobody reads its log any more. HUP: what PostgreSQL's operators send for a reload. */
    @Test
    void isNotEndedByASignalThatMeansSomethingElse() {
        anna.start().bootstrap();
        var server = anna.state("pid");
        RunnerProcess.shell("echo 'work_mem = 7MB' >>" + anna.data.resolve("postgresql.auto.conf"));
        anna.signal("PIPE", anna.state("runner"));
        anna.signal("HUP", anna.state("runner"));
        anna.awaitSql("show work_mem", "7MB");
        assertThat(anna.order("primary", 1)).containsEntry("pid", server);
    }

    @Test
    void startsNoStandbyThatItCannotMarkAsOne() {
        anna.start().bootstrap();
        anna.order("stop", 1, "mode=fast");
        RunnerProcess.asServerUser("ln -s /nowhere/none " + anna.data.resolve("standby.signal"));
        var state = anna.order("standby", 2, "source_host=");
        assertThat(state).containsEntry("result", "failed").containsEntry("server", "stopped");
        assertThat(state.get("error")).contains("standby.signal");
        assertThat(anna.serverProcesses()).isEmpty();
    }

    /** Else the hand would end the standby that this node becomes instead. */
    @Test
    void disarmsTheHandAfterABootstrapThatFailed() throws Exception {
        var folder = Files.createDirectory(anna.run.resolve("none"));
        Files.writeString(folder.resolve("wrong.sql"), "select wrong;");
        anna.start().lease(1, 600);
        var state = anna.order("primary", 1, "bootstrap=yes");
        assertThat(state).containsEntry("result", "failed").containsEntry("armed", "0");
        assertThat(Files.readString(anna.run.resolve(".armed")).strip()).isEqualTo("0");
    }

    /** A starved machine needs longer than a lease: begun anew each time it would never end. */
    @Test
    void aBootstrapGoesOnUnderALaterLease() throws Exception {
        var folder = Files.createDirectory(anna.run.resolve("none"));
        var count = folder.resolve("count");
        Files.writeString(folder.resolve("slow.sh"), "echo >>%s; sleep 3".formatted(count));
        RunnerProcess.shell("chmod 777 " + folder);
        anna.start().lease(1, 1);

        var ended = anna.order("primary", 1, "bootstrap=yes");
        assertThat(ended).containsEntry("result", "refused").containsEntry("job", "bootstrap");
        anna.lease(2, 600);
        var state = anna.order("primary", 2, "bootstrap=yes");

        assertThat(state).containsEntry("result", "done").containsEntry("armed", "2");
        assertThat(count).hasContent("\n");
    }

    /** In the words of PostgreSQL, whether they come by stderr or by its collector's file. */
    @Test
    void saysWhyAServerDidNotStart() throws Exception {
        anna.start().bootstrap();
        anna.order("stop", 1, "mode=fast");
        var conf = anna.data.resolve("postgresql.auto.conf");
        Files.writeString(conf, "shared_preload_libraries = 'nowhere'\n");
        assertThat(anna.order("primary", 1)).containsEntry("result", "failed");
        assertThat(anna.state("error")).contains("could not access file \"nowhere\"");

        Files.writeString(conf, "logging_collector = on\n");
        var wal = anna.data.resolve("pg_wal");
        RunnerProcess.shell("mv %s/0* %s".formatted(wal, anna.run));
        assertThat(anna.order("primary", 1)).containsEntry("result", "failed");
        assertThat(anna.state("error")).contains("could not locate a valid checkpoint record");

        RunnerProcess.shell("mv %s/0* %s".formatted(anna.run, wal));
        var state = anna.order("primary", 1);
        assertThat(state).containsEntry("result", "done").containsEntry("error", "");
    }

    @Test
    void crashedServerLeavesNoOrphans() {
        anna.start().bootstrap();
        anna.signal("KILL", anna.state("pid"));
        anna.awaitServer("crashed");
        assertThat(anna.serverProcesses()).isEmpty();
        assertThat(anna.state()).containsEntry("exit", "137").containsEntry("armed", "0");
        assertThat(anna.order("primary", 1)).containsEntry("result", "done");
    }

    @Test
    void clonesFollowsAndRejoinsAfterACleanStop() {
        pair();
        assertThat(bert.state("system_id")).isEqualTo(anna.state("system_id"));
        assertThat(bert.order("stop", 0, "mode=fast")).containsEntry("server", "stopped");
        anna.sql("insert into story values (2)");

        assertThat(bert.follow("standby", anna)).containsEntry("result", "done");
        bert.awaitSql("select count(*) from story", "2");

        assertThat(bert.order("standby", 0, "source_host=")).containsEntry("server", "standby");
        assertThat(bert.sql("show primary_conninfo")).isEmpty();
    }

    @Test
    void rewindsAnOldPrimaryAndKeepsItsDivergentWal() {
        pair();
        // What hardening guides do; the rewind's own sessions take none of it over.
        anna.sql("revoke connect on database postgres from public");
        anna.sql("alter role replicator set default_transaction_isolation = 'serializable'");
        anna.sql("alter role replicator set statement_timeout = '1ms'");
        bert.order("standby", 0, "source_host=");
        anna.sql("insert into story select generate_series(1, 1000)");
        anna.sql("select pg_switch_wal()");
        anna.sql("insert into story select generate_series(1, 1000)");
        // Not what is inserted: hints that a read sets die unflushed with the server.
        var end = anna.sql("select pg_current_wal_flush_lsn()");
        anna.signal("KILL", anna.state("pid"));
        anna.awaitServer("crashed");
        // Cut off for long it serves reads; its control file then knows the restartpoint only.
        anna.order("standby", 1, "source_host=");
        anna.awaitSql("select count(*) from story", "2001");
        var promoted = bert.lease(2, 600).order("primary", 2, "sync_names=");
        assertThat(promoted).containsEntry("result", "done").containsEntry("timeline", "2");
        bert.sql("checkpoint");
        bert.sql("insert into story values (2)");
        var fork = promoted.get("history").split(":")[1];

        var state = anna.follow("rewind", bert, "fork_lsn=" + fork);

        assertThat(state).containsEntry("result", "done").containsEntry("server", "standby");
        anna.awaitSql("select count(*) from story", "2");
        bert.awaitSql("select state from pg_stat_replication", "streaming");
        var diverged = bert.sql("select pg_wal_lsn_diff('%s', '%s')".formatted(end, fork));
        assertThat(Long.parseLong(state.get("salvage_bytes")))
                .as("from %s to %s", fork, end)
                .isBetween(Long.parseLong(diverged), Long.parseLong(diverged) + 20_000);
        assertThat(Path.of(state.get("salvage")).toFile().list())
                .filteredOn(name -> name.matches("[0-9A-F]{24}"))
                .hasSizeGreaterThan(1);
    }

    /**
     * Bert leads meanwhile and holds a row of his own; what is cloned over him stays until a person
     * releases it, also while he is cloned again, whose directory holds nothing of its own.
     */
    @Test
    void replacesADirectoryOnlyForACloneAndDeletesNoCommitsOfItsOwn() throws Exception {
        pair();
        bert.order("standby", 0, "source_host=");
        bert.lease(2, 600).order("primary", 2, "sync_names=");
        bert.sql("insert into story values (2)");
        bert.order("stop", 2, "mode=fast");
        assertThat(bert.follow("clone", anna)).containsEntry("result", "done");
        var replaced = bert.data.resolveSibling("data.before-clone");
        assertThat(replaced).isDirectory();
        bert.order("stop", 2, "mode=fast");
        assertThat(bert.follow("clone", anna)).containsEntry("result", "done");

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(bert.state("kept_bytes")).matches("[1-9]\\d+"));
        assertThat(replaced).doesNotExist();
        bert.awaitSql("select count(*) from story", "1");
        assertThat(bert.state()).containsEntry("kept_count", "1");
        var kept = Path.of(bert.state("kept"));
        assertThat(Files.readString(kept.resolve("kumki.kept"))).contains("left timeline 1");
        RunnerProcess.asServerUser("touch " + kept.resolve("release"));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(kept).doesNotExist());
        await().atMost(PATIENCE).until(() -> bert.state("kept").isEmpty());
    }

    @Test
    void adoptsARunningPrimaryUnarmed() {
        anna.start().bootstrap();
        anna.process().destroy();
        await().atMost(PATIENCE).until(() -> !anna.process().isAlive());
        RunnerProcess.shell("rm " + anna.data.resolveSibling("run").resolve("lease"));
        RunnerProcess.asServerUser(
                "%s/pg_ctl -D %s -w -l /dev/null -o '-p %d -k %s' start"
                        .formatted(RunnerProcess.programs(), anna.data, anna.port, anna.data));

        anna.start().awaitServer("primary");

        assertThat(anna.state()).containsEntry("armed", "0");
        anna.lease(2, 600);
        assertThat(anna.order("primary", 2)).containsEntry("armed", "2");
        anna.lease(2, 0);
        anna.awaitServer("stopped");
    }

    @Test
    void refusesAForeignSystemAndChangesNothing() {
        anna.start().bootstrap();
        var state = anna.order("standby", 1, "source_host=127.0.0.1", "system_id=42");
        assertThat(state).containsEntry("result", "refused").containsEntry("server", "primary");
        assertThat(anna.data.resolve("standby.signal")).doesNotExist();
    }

    @Test
    void takesOverridesOutOfAutoConf() throws IOException {
        anna.start().bootstrap();
        anna.sql("alter system set synchronous_standby_names = 'nobody'");
        anna.sql("alter system set work_mem = '5MB'");
        anna.order("stop", 1, "mode=fast");
        assertThat(anna.order("primary", 1)).containsEntry("result", "done");
        assertThat(anna.sql("show synchronous_standby_names")).isEmpty();
        assertThat(anna.sql("show work_mem")).isEqualTo("5MB");
        assertThat(Files.readString(anna.log())).contains("event=auto-conf-cleaned");
    }

    /** Whoever lowers max_connections on all servers at once must not lose the standby. */
    @Test
    void startsAStandbyWithNoLessThanItsPrimaryHad() throws IOException {
        anna.start().bootstrap();
        anna.sql("alter system set max_connections = 150");
        anna.order("stop", 1, "mode=fast");
        anna.order("primary", 1);
        bert.start();
        assertThat(bert.follow("clone", anna)).containsEntry("result", "done");
        bert.order("stop", 1, "mode=fast");
        Files.writeString(bert.data.resolve("postgresql.auto.conf"), "max_connections = 40\n");

        assertThat(bert.follow("standby", anna)).containsEntry("result", "done");

        assertThat(bert.sql("show max_connections")).isEqualTo("150");
        assertThat(Files.readString(bert.log()))
                .contains("event=setting-raised name=max_connections from=40 to=150");
    }

    @Test
    void refusesASecondRunnerOnTheSameDirectory() throws Exception {
        anna.start();
        var second = new RunnerProcess(home, "anna").start();
        assertThat(second.process().waitFor()).isEqualTo(64);
    }

    /** The pid of anna's hand as last logged, if that process lives. */
    private Optional<String> hand() throws IOException {
        return Files.readAllLines(anna.log()).stream()
                .filter(row -> row.contains("event=hand-started"))
                .reduce((first, last) -> last)
                .map(row -> row.replaceAll(".* pid=(\\d+).*", "$1"))
                .filter(pid -> ProcessHandle.of(Long.parseLong(pid)).isPresent());
    }

    /** Anna leads and holds one row, bert is her clone and streams. */
    private void pair() {
        anna.start().bootstrap();
        anna.sql("create table story (chapter int)");
        anna.sql("insert into story values (1)");
        anna.sql("select pg_create_physical_replication_slot('bert')");
        bert.start();
        var state = bert.follow("clone", anna, "slot=bert");
        assertThat(state).as("clone").containsEntry("result", "done");
        bert.awaitSql("select count(*) from story", "1");
    }
}
