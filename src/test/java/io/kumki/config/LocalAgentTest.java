package io.kumki.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LocalAgentTest {
    @TempDir private Path folder;

    @ParameterizedTest
    @CsvSource({
        "'', 127.0.0.1:8008",
        "0.0.0.0:9000, 127.0.0.1:9000",
        "'[::]:9000', '[::1]:9000'",
        "198.18.0.7:8008, 198.18.0.7:8008"
    })
    void anAddressOfThisMachineIsFound(String listen, String asked) {
        assertThat(LocalAgent.in(Map.of("KUMKI_LISTEN", listen)).address()).hasToString(asked);
    }

    @Test
    void theFileCountsIfTheEnvironmentSaysNothing() throws IOException {
        var file = folder.resolve("agent.conf");
        Files.writeString(file, "# listen = 1:1\nnode = n1\n listen = 0.0.0.0:8101\n");
        var config = Map.of("KUMKI_CONFIG", file.toString());

        assertThat(LocalAgent.in(config).address()).hasToString("127.0.0.1:8101");
        assertThat(
                        LocalAgent.in(
                                        Map.of(
                                                "KUMKI_CONFIG",
                                                file.toString(),
                                                "KUMKI_LISTEN",
                                                "127.0.0.1:8102"))
                                .address())
                .hasToString("127.0.0.1:8102");
    }

    @Test
    void aFileThatSaysNothingLeavesTheDefault() {
        assertThat(
                        LocalAgent.in(Map.of("KUMKI_CONFIG", folder.resolve("none").toString()))
                                .address())
                .hasToString("127.0.0.1:8008");
    }

    @Test
    void theAuthorityTellsOfTls() throws IOException {
        var file = folder.resolve("agent.conf");
        Files.writeString(file, "tls-ca = /etc/kumki/ca.pem\n");

        assertThat(LocalAgent.in(Map.of("KUMKI_CONFIG", file.toString())).authority())
                .contains(Path.of("/etc/kumki/ca.pem"));
        assertThat(LocalAgent.in(Map.of()).authority()).isEmpty();
    }

    @Test
    void nonsenseIsRefused() {
        assertThatThrownBy(() -> LocalAgent.in(Map.of("KUMKI_LISTEN", "everywhere")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("HOST:PORT");
    }

    @Test
    void aPortForHealthChecksComesFirst() {
        var both = Map.of("KUMKI_LISTEN", "10.0.0.1:8008", "KUMKI_LISTEN_HEALTH", "[::]:8007");
        assertThat(LocalAgent.in(both).address()).hasToString("[::1]:8007");
    }
}
