package io.kumki.cluster;

import static io.kumki.cluster.Onlooker.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A configuration that is wrong is refused before anything is started: what was found, what was
 * expected, what was not done, what to do.
 */
@Tag("calm")
class BadInputIT {
    private HandCluster cluster;
    private Member n1;

    @BeforeEach
    void files() {
        cluster = HandCluster.here();
        n1 = cluster.eye.member("n1");
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
                () -> {
                    assertThat(said("/api/v1/node")).contains("0 of 3 voters answer");
                    assertThat(cluster.eye.views().get(0).findValuesAsText("because"))
                            .filteredOn("its agent was not heard"::equals)
                            .hasSize(2);
                });
        assertThat(cluster.eye.agents.check(n1.api(), "/primary")).isEqualTo(503);
        assertThat(n1.data()).doesNotExist();
    }

    private void edit(String node, String pattern, String by) throws IOException {
        var file = cluster.configurationOf(node);
        Files.writeString(file, Files.readString(file).replaceFirst("(?m)^" + pattern, by));
    }

    private String said(String path) {
        return cluster.eye.agents.read(n1.api(), path).orElseThrow().toString();
    }
}
