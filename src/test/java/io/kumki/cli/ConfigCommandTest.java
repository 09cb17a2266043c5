package io.kumki.cli;

import static io.kumki.api.Scene.N2;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.adapter.register.PosixDisk;
import io.kumki.api.ConfigView;
import io.kumki.api.Scene;
import io.kumki.core.consensus.AcceptorState;
import io.kumki.core.consensus.AcceptorStore;
import io.kumki.core.consensus.Ballot;
import io.kumki.core.model.NodeId;
import io.kumki.wire.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What must be equal on all nodes, from the command line. */
@Timeout(30)
class ConfigCommandTest {
    @TempDir Path folder;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        return new CommandLine(new KumkiCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(args);
    }

    @Test
    void itShowsWhatIsAgreedOnAndWhoseFileSaysOtherwise() throws IOException {
        var view = ConfigView.of(Scene.onLeader().file(N2, 15_000).snapshot());
        try (var agent = new FakeAgent().says("/api/v1/config", 200, Json.write(view))) {
            assertThat(run("config", "--api", agent.address())).isZero();
        }
        assertThat(out.toString())
                .contains("Agreed on: ttl=3s mode=sync, voters n1,n2,n3; seen by n1")
                .contains("n2: its file says ttl=15s, 3s is agreed on")
                .doesNotContain("n1: its file");
    }

    @Test
    void settingAsksAnAgent() throws IOException {
        var token = Files.writeString(folder.resolve("token"), "s3cret\n").toString();
        try (var agent = new FakeAgent().says("/api/v1/config", 200, "{\"message\":\"agreed\"}")) {
            var address = agent.address();
            assertThat(
                            run(
                                    "config",
                                    "set",
                                    "ttl=5s",
                                    "mode=async",
                                    "--api",
                                    address,
                                    "--token-file",
                                    token))
                    .isZero();
            assertThat(agent.heard)
                    .containsExactly(
                            "POST /api/v1/config Bearer s3cret {\"mode\":\"async\",\"ttl\":\"5s\"}");
            assertThat(run("config", "set", "ttl", "--api", address, "--token-file", token))
                    .isEqualTo(2);
            assertThat(run("config", "set", "ttl=5s", "ttl=6s", "--api", address)).isEqualTo(2);
            assertThat(agent.heard).hasSize(1);
        }
    }

    /** Five voters, of which a file names three: what its own voter knows refuses the start. */
    @Test
    void anAgentWithVotersTooFarFromThoseThatItKnowsDoesNotStart() throws IOException {
        var agreed = Scene.record().agreed().orElseThrow();
        var five = Set.of("a", "b", "c", "d", "w");
        var record =
                Scene.record()
                        .with(
                                agreed.with(
                                        five.stream()
                                                .map(NodeId::new)
                                                .collect(java.util.stream.Collectors.toSet())));
        new AcceptorStore(new PosixDisk(folder))
                .save(
                        new AcceptorState(
                                new Ballot(3, "a"),
                                new Ballot(3, "a"),
                                new Json.Records().encode(record)));

        assertThat(check("a=h:1,b=i:1,w=j:1")).contains("[a, b, w]", "[a, b, c, d, w]");
        assertThat(check("a=h:1,b=i:1,c=k:1,w=j:1")).as("one less").isEmpty();
    }

    private String check(String peers) throws IOException {
        var keys =
                """
                node = w
                witness = true
                peers = %s
                token-file = %s
                state-dir = %s
                """
                        .formatted(
                                peers,
                                Files.writeString(folder.resolve("t"), "s3cret-token-s3cret"),
                                folder);
        var file = Files.writeString(folder.resolve("agent.conf"), keys).toString();
        var before = System.err;
        var said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            int exit = run("agent", "--check", "--config", file);
            var text = said.toString(StandardCharsets.UTF_8);
            assertThat(exit).as(text).isEqualTo(text.isEmpty() ? 0 : 78);
            return text;
        } finally {
            System.setErr(before);
        }
    }
}
