package io.kumki.cluster;

import static io.kumki.cluster.Onlooker.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.HostPort;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong is refused: what was found, what was expected, what was not done, what to do. */
class BadInputIT {
    private HandCluster cluster;
    private Member n1;
    private Member n2;

    @BeforeEach
    void files() {
        cluster = HandCluster.here();
        n1 = cluster.eye.member("n1");
        n2 = cluster.eye.member("n2");
    }

    @AfterEach
    void down() {
        cluster.close();
    }

    /** The line of the configuration that is replaced, by what, and what is said about it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "node = |nodes = n1\\nnode = |unknown key \"nodes\"",
                "token-file = |#|token-file",
                "node = |ttl = 3 elephants\\nnode = |such as 500ms, 3s, 2m",
                "node = |node = n1\\nnode = |`node` is set twice",
                "node = |node = n3\\n#|`peers` must name this node too"
            })
    void aWrongConfigurationIsRefusedAsAWhole(String line, String by, String said)
            throws IOException {
        var file = cluster.configurationOf("n1");
        edit("n1", line, by.replace("\\n", "\n"));

        var result = Commands.attempt(cluster.command("n1", cluster.agent(file)), Map.of());

        assertThat(result.exit()).isEqualTo(78);
        assertThat(result.output())
                .contains(said)
                .contains("nothing was started")
                .contains("docs/CONFIGURATION.md");
        assertThat(n1.data()).doesNotExist();
        assertThat(n1.run()).isEmptyDirectory();
    }

    @Test
    void unreachablePeersAreNamedAndNothingIsStarted() {
        cluster.startRunner("n1");
        cluster.startAgent("n1");
        eventually(
                "who does not answer is said",
                () ->
                        assertThat(said(n1.api()))
                                .contains("1 of 3 voters answer")
                                .contains("n2: ")
                                .contains("witness: "));
        assertThat(cluster.eye.agents.check(n1.api(), "/primary")).isEqualTo(503);
        assertThat(n1.data()).doesNotExist();
    }

    @Test
    void aForeignDirectoryIsLeftAloneUntilItIsMovedAway() {
        var secret = "--pwfile=" + cluster.home.resolve("secret");
        cluster.startAll();
        assertThat(cluster.eye.healthy()).isEqualTo(n1);
        cluster.stop("n2", "agent");
        cluster.stop("n2", "runner");
        Commands.run("rm", "-r", n2.data().toString());
        cluster.postgres("n2", "initdb", "-D" + n2.data(), "-Upostgres", secret);
        cluster.startRunner("n2");
        eventually("its runner looked", () -> assertThat(n2.state()).containsKey("system_id"));
        var foreign = n2.state().get("system_id");

        cluster.startAgent("n2");
        eventually(
                "the foreign directory is said",
                () -> assertThat(said(n2.api())).contains("F33-foreign", foreign));
        assertThat(n2.state()).containsEntry("system_id", foreign).containsEntry("pid", "0");

        Commands.run("mv", n2.data().toString(), n2.beside(".foreign").toString());
        assertThat(cluster.eye.healthy()).isEqualTo(n1);
    }

    @Test
    void odooConfThatCannotBeRewrittenIsLeftAsItIs() throws IOException {
        var twice = conf("twice", "[options]\ndb_host = a\ndb_host = b\n");
        var locked = conf("locked", "[options]\ndb_host = a\n");
        Commands.run("chmod", "555", locked.getParent().toString());
        edit("witness", "node = ", "odoo-conf = " + twice + "\nnode = ");
        edit("n1", "node = ", "odoo-conf = " + locked + "\nnode = ");

        cluster.startAll();
        cluster.eye.healthy();

        refused("witness", twice, "key db_host a second time", "every key once");
        refused("n1", locked, "expected", "right to write");
        assertThat(twice).content().isEqualTo("[options]\ndb_host = a\ndb_host = b\n");
        assertThat(locked).content().isEqualTo("[options]\ndb_host = a\n");
        Commands.run("chmod", "755", locked.getParent().toString());
    }

    @Test
    void aWrongPasswordIsSaidAndTheServerIsLeftAlone() throws IOException {
        cluster.startAll();
        var leader = cluster.eye.healthy();
        var replica = cluster.eye.other(leader);
        var since = cluster.eye.startedAt(replica);
        cluster.stop(replica.name(), "agent");
        var wrong = Files.writeString(replica.run().resolve("wrong"), "wrong");
        edit(
                replica.name(),
                "postgres-password-file = .*",
                "postgres-password-file = " + wrong);
        cluster.startAgent(replica.name());
        eventually(
                "the refusal is said",
                () -> assertThat(said(replica.api())).contains("password authentication failed"));
        assertThat(cluster.eye.startedAt(replica)).isEqualTo(since);
        assertThat(cluster.eye.leader()).contains(leader);
    }

    @Test
    void aSecondAgentOfOneNameDoesNotVote() throws IOException {
        cluster.startAll();
        var leader = cluster.eye.healthy();
        var term = cluster.eye.receipt().path("term").asLong();
        var copy = cluster.home.resolve("copy");
        Commands.run("cp", "-rp", cluster.home.resolve("n2").toString(), copy.toString());
        var text =
                Files.readString(cluster.configurationOf("n2"))
                        .replace("listen = " + n2.api(), "listen = 127.0.0.1:" + freePort())
                        .replace("/n2/", "/copy/");
        Files.writeString(copy.resolve("agent.conf"), text);

        cluster.startCopy("n2", copy.resolve("agent.conf"));
        eventually(
                "the others say that there are two",
                () ->
                        assertThat(n1.log("agent") + log("witness"))
                                .contains("two agents are called n2"));
        assertThat(cluster.eye.healthy()).isEqualTo(leader);
        assertThat(cluster.eye.receipt().path("term").asLong()).isEqualTo(term);
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private void edit(String node, String pattern, String by) throws IOException {
        var file = cluster.configurationOf(node);
        Files.writeString(
                file, Files.readString(file).replaceFirst("(?m)^" + pattern, by));
    }

    private Path conf(String folder, String text) throws IOException {
        var file = Files.createDirectory(cluster.home.resolve(folder)).resolve("odoo.conf");
        Files.writeString(file, text);
        if (Commands.root()) {
            Commands.run("chown", "-R", "postgres:", file.getParent().toString());
        }
        return file;
    }

    private void refused(String node, Path file, String... words) {
        eventually(
                "the refusal is in the log of " + node,
                () ->
                        assertThat(log(node))
                                .contains("refusing to rewrite " + file)
                                .contains("Nothing was changed")
                                .contains(List.of(words)));
    }

    private String log(String node) throws IOException {
        return Files.readString(cluster.home.resolve(node).resolve("agent.log"));
    }

    private String said(HostPort api) {
        return cluster.eye.agents.read(api, "/api/v1/node").orElseThrow().toString();
    }
}
