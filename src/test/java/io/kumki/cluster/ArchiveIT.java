package io.kumki.cluster;

import static io.kumki.cluster.Onlooker.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Both nodes archive with deploy/backup/kumki-backup; what was archived outlives a failover. */
@Tag("calm")
class ArchiveIT {
    private static HandCluster cluster;
    private static Path backup;
    private static Path script;

    @BeforeAll
    static void up() throws IOException {
        cluster = HandCluster.here().unhurried();
        backup = cluster.home.resolve("backup");
        script = cluster.home.resolve("kumki-backup");
        Commands.run("cp", "deploy/backup/kumki-backup", script.toString());
        Commands.run(
                Map.of("KUMKI_BACKUP", backup.toString()),
                Commands.root()
                        ? new String[] {"bash", script.toString(), "init", "postgres"}
                        : new String[] {"bash", script.toString(), "init"});
        cluster.settings.addAll(
                List.of(
                        "archive_mode=always",
                        "archive_command=KUMKI_BACKUP=%s KUMKI_PGBIN=%s bash %s archive %%p %%f"
                                .formatted(backup, cluster.programs, script)));
        cluster.startAll();
        cluster.eye.healthy();
    }

    @AfterAll
    static void down() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void whileItFailsThereIsNoSwitchoverAndEverybodyCanSeeWhy() throws Exception {
        var leader = cluster.eye.healthy();
        everybodySees(archive -> assertThat(archive).isEqualTo("on"));
        var away = Path.of(backup + ".away");
        Files.move(backup, away);
        tell(leader, "create table if not exists noise (word text)");
        endSegment(leader);

        everybodySees(archive -> assertThat(archive).contains("archiving fails"));
        eventually(
                "its metric says so",
                () -> assertThat(metrics(leader)).contains("kumki_archive_failing 1.0"));
        var refusal = cluster.eye.agents.post(leader.api(), "switchover", "", HandCluster.PASSWORD);
        assertThat(refusal.statusCode()).isEqualTo(409);
        assertThat(refusal.body())
                .contains("no switchover to", "archiving fails, last with 0000", "--force");
        assertThat(Files.readString(leader.data().resolveSibling("runner.log")))
                .contains("was not archived and is kept in pg_wal");

        Files.move(away, backup);
        // PostgreSQL itself waits up to a minute after three failures, or for the next segment.
        endSegment(leader);
        everybodySees(archive -> assertThat(archive).isEqualTo("on"));
        eventually(
                "its metric says so",
                () -> assertThat(metrics(leader)).contains("kumki_archive_failing 0.0"));
        cluster.eye.agents.operate(leader.api(), "switchover", "");
        assertThat(cluster.eye.successorOf(leader)).isEqualTo(other(leader));
        assertThat(cluster.eye.healthy()).isEqualTo(other(leader));
    }

    @Test
    void aBackupIsRestoredAcrossAFailoverUpToTheEndOrToAMoment() throws Exception {
        var old = cluster.eye.healthy();
        tell(old, "create table kept (id int)", "insert into kept select generate_series(1, 100)");
        run(other(old), "take");
        tell(old, "insert into kept select generate_series(101, 200)", "select pg_switch_wal()");
        tell(old, "insert into kept values (201)");
        var moment = cluster.eye.superuser.ask(old.server(), "select clock_timestamp()");

        DemoCluster.signal("KILL", Long.parseLong(old.state().get("pid")));
        var heir = cluster.eye.successorOf(old);
        tell(heir, "insert into kept select generate_series(202, 300)");
        var last =
                cluster.eye.superuser.ask(heir.server(), "select pg_walfile_name(pg_switch_wal())");
        eventually("all is archived", () -> assertThat(find(last + ".gz")).isNotEmpty());
        cluster.eye.healthy();

        assertThat(rowsOf("end")).isEqualTo("300");
        assertThat(rowsOf("moment", "--until", moment)).isEqualTo("201");
    }

    private static Member other(Member one) {
        return cluster.eye.other(one);
    }

    private static void tell(Member node, String... statements) throws SQLException {
        for (var statement : statements) {
            cluster.eye.superuser.tell(node.server(), statement);
        }
    }

    /** A standby gives a segment to its archiver when it receives the first byte of the next. */
    private static void endSegment(Member leader) throws SQLException {
        tell(leader, "insert into noise values ('old')", "select pg_switch_wal()");
        tell(leader, "insert into noise values ('new')");
    }

    /** Waits until each agent shows it of both nodes: the leader decides by what it sees itself. */
    private static void everybodySees(Consumer<String> archive) {
        eventually(
                "all agents to see the archives of all",
                () -> {
                    var views = cluster.eye.views();
                    assertThat(views).hasSize(cluster.eye.members.size() + 1);
                    for (var view : views) {
                        archivesIn(view).forEach(archive);
                    }
                });
    }

    private static List<String> archivesIn(JsonNode view) {
        var archives =
                StreamSupport.stream(view.path("nodes").spliterator(), false)
                        .filter(n -> isMember(n.path("name").asText()))
                        .map(n -> n.path("archive").asText())
                        .toList();
        assertThat(archives).hasSameSizeAs(cluster.eye.members);
        return archives;
    }

    private static boolean isMember(String name) {
        return cluster.eye.members.stream().anyMatch(m -> m.name().equals(name));
    }

    private static String metrics(Member node) throws IOException {
        var address = URI.create("http://" + node.api() + "/q/metrics").toURL();
        try (var text = address.openStream()) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static List<Path> find(String name) throws IOException {
        try (var files = Files.walk(backup)) {
            return files.filter(f -> f.getFileName().toString().equals(name)).toList();
        }
    }

    /** Restores, starts what was restored, and counts. */
    private static String rowsOf(String folder, String... until) {
        var node = cluster.eye.members.get(0);
        var data = cluster.home.resolve(folder);
        var words = new ArrayList<>(List.of("restore", "--to", data.toString()));
        words.addAll(Arrays.asList(until));
        run(node, words.toArray(String[]::new));
        var socket = "-o-c listen_addresses= -c unix_socket_directories=" + cluster.home;
        cluster.postgres("n1", "pg_ctl", "-D" + data, "-l" + data + ".log", "-w", socket, "start");
        try {
            return Commands.run(
                            Map.of("PGPASSWORD", HandCluster.PASSWORD),
                            cluster.programs.resolve("psql").toString(),
                            "-XAt",
                            "-h" + cluster.home,
                            "-Upostgres",
                            "-cselect count(*) from kept")
                    .strip();
        } finally {
            cluster.postgres("n1", "pg_ctl", "-D" + data, "-w", "-mfast", "stop");
        }
    }

    /** The script as the servers' account, with that node as the source. */
    private static void run(Member source, String... words) {
        var command = new ArrayList<>(List.of("bash", script.toString()));
        command.addAll(Arrays.asList(words));
        Commands.run(
                Map.of(
                        "KUMKI_BACKUP", backup.toString(),
                        "KUMKI_BACKUP_SOURCE", source.server().toString(),
                        "KUMKI_REPLICATION_PASSWORD", HandCluster.PASSWORD,
                        "KUMKI_PGBIN", cluster.programs.toString()),
                cluster.command("n1", command).toArray(String[]::new));
    }
}
