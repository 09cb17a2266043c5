package io.kumki.cluster;

import static io.kumki.cluster.Onlooker.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.HostPort;
import io.kumki.support.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a running cluster meets and must leave alone: it says so, and goes on. */
@Tag("calm")
class RefusalIT {
    private static final String TWICE = "[options]\ndb_host = a\ndb_host = b\n";
    private static final String ONCE = "[options]\ndb_host = a\n";

    private static HandCluster cluster;
    private static Path twice;
    private static Path locked;

    @BeforeAll
    static void up() throws IOException {
        cluster = HandCluster.here().unhurried();
        twice = conf("twice", TWICE);
        locked = conf("locked", ONCE);
        Commands.run("chmod", "555", locked.getParent().toString());
        edit("witness", "node = ", "odoo-conf = " + twice + "\nnode = ");
        edit("n1", "node = ", "odoo-conf = " + locked + "\nnode = ");
        cluster.startAll();
        cluster.eye.healthy();
    }

    @AfterAll
    static void down() {
        if (locked != null) {
            Commands.run("chmod", "755", locked.getParent().toString());
        }
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void odooConfThatCannotBeRewrittenIsLeftAsItIs() {
        refused("witness", twice, "key db_host a second time", "every key once");
        refused("n1", locked, "expected", "right to write");
        assertThat(twice).content().isEqualTo(TWICE);
        assertThat(locked).content().isEqualTo(ONCE);
    }

    @Test
    void aWrongPasswordIsSaidAndTheServerIsLeftAlone() throws IOException {
        var leader = cluster.eye.healthy();
        var replica = cluster.eye.other(leader);
        var since = cluster.eye.startedAt(replica);
        cluster.stop(replica.name(), "agent");
        var wrong = Files.writeString(replica.run().resolve("wrong"), "wrong");
        var key = "postgres-password-file = ";
        edit(replica.name(), key + ".*", key + wrong);
        cluster.startAgent(replica.name());
        eventually(
                "the refusal is said",
                () -> assertThat(said(replica.api())).contains("password authentication failed"));
        assertThat(cluster.eye.startedAt(replica)).isEqualTo(since);
        assertThat(cluster.eye.leader()).contains(leader);
        cluster.stop(replica.name(), "agent");
        edit(replica.name(), key + ".*", key + cluster.home.resolve("secret"));
        cluster.startAgent(replica.name());
        cluster.eye.healthy();
    }

    @Test
    void aSecondAgentOfOneNameDoesNotVote() throws IOException {
        var leader = cluster.eye.healthy();
        var term = cluster.eye.receipt().path("term").asLong();
        var copy = cluster.home.resolve("copy");
        copyOf("n2", copy);
        var text =
                Files.readString(cluster.configurationOf("n2"))
                        .replace(
                                "listen = " + cluster.eye.member("n2").api(),
                                "listen = 127.0.0.1:" + FreePort.next())
                        .replace("/n2/", "/copy/");
        Files.writeString(copy.resolve("agent.conf"), text);

        cluster.startCopy("n2", copy.resolve("agent.conf"));
        eventually(
                "the others say that there are two",
                () -> assertThat(log("n1") + log("witness")).contains("two agents are called n2"));
        assertThat(cluster.eye.healthy()).isEqualTo(leader);
        assertThat(cluster.eye.receipt().path("term").asLong()).isEqualTo(term);
        cluster.stop("n2", "copy");
    }

    @Test
    void aForeignDirectoryIsLeftAloneUntilItIsMovedAway() {
        var secret = "--pwfile=" + cluster.home.resolve("secret");
        var leader = cluster.eye.healthy();
        var node = cluster.eye.other(leader);
        var own = node.state().get("system_id");
        cluster.stop(node.name(), "agent");
        cluster.stop(node.name(), "runner");
        Commands.run("rm", "-r", node.data().toString());
        cluster.postgres(node.name(), "initdb", "-D" + node.data(), "-Upostgres", secret);
        cluster.startRunner(node.name());
        eventually(
                "its runner looked",
                () -> assertThat(node.state().get("system_id")).isNotIn("", own));
        var foreign = node.state().get("system_id");

        cluster.startAgent(node.name());
        eventually(
                "the foreign directory is said",
                () -> assertThat(said(node.api())).contains("F33-foreign", foreign));
        assertThat(node.state()).containsEntry("system_id", foreign).containsEntry("pid", "0");

        cluster.stop(node.name(), "runner");
        Commands.run("mv", node.data().toString(), node.beside(".foreign").toString());
        cluster.startRunner(node.name());
        assertThat(cluster.eye.healthy()).isEqualTo(leader);
    }

    /** Without its data. Agent and runner replace their files meanwhile: cp may miss one. */
    private static void copyOf(String node, Path copy) {
        var own = cluster.home.resolve(node);
        eventually(
                "a copy of " + own,
                () ->
                        Commands.run(
                                "bash",
                                "-c",
                                "rm -rf %2$s && install -d -m 755 %2$s && cp -rp %1$s/state %1$s/run %2$s"
                                        .formatted(own, copy)));
        if (Commands.root()) {
            Commands.run("chown", "postgres:", copy.toString());
        }
    }

    private static void edit(String node, String pattern, String by) throws IOException {
        var file = cluster.configurationOf(node);
        Files.writeString(file, Files.readString(file).replaceFirst("(?m)^" + pattern, by));
    }

    private static Path conf(String folder, String text) throws IOException {
        var file = Files.createDirectory(cluster.home.resolve(folder)).resolve("odoo.conf");
        Files.writeString(file, text);
        if (Commands.root()) {
            Commands.run("chown", "-R", "postgres:", file.getParent().toString());
        }
        return file;
    }

    private static void refused(String node, Path file, String... words) {
        eventually(
                "the refusal is in the log of " + node,
                () ->
                        assertThat(log(node))
                                .contains("refusing to rewrite " + file)
                                .contains("Nothing was changed")
                                .contains(List.of(words)));
    }

    private static String log(String node) throws IOException {
        return Files.readString(cluster.home.resolve(node).resolve("agent.log"));
    }

    private static String said(HostPort api) {
        return cluster.eye.agents.read(api, "/api/v1/node").orElseThrow().toString();
    }
}
