package io.kumki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.config.LocalAgent;
import io.kumki.core.model.HostPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HealthProbeTest {
    @ParameterizedTest
    @CsvSource({
        "200, {\"reason\":\"votes\"}, true, healthy: {\"reason\":\"votes\"}",
        "503, {\"reason\":\"it does not stream\"}, false,"
                + " unhealthy: {\"reason\":\"it does not stream\"}"
    })
    void theAgentsAnswerIsTheVerdict(int status, String body, boolean healthy, String line)
            throws IOException {
        try (var agent = new FakeAgent().says("/readiness", status, body)) {
            var verdict = HealthProbe.of(agent(agent.address()), false).ask();

            assertThat(verdict).isEqualTo(new HealthProbe.Verdict(healthy, line));
            assertThat(verdict.exit()).isEqualTo(healthy ? 0 : 1);
        }
    }

    @Test
    void aLiveAgentIsEnoughIfOnlyThatIsAsked() throws IOException {
        try (var agent =
                new FakeAgent().says("/readiness", 503, "{}").says("/liveness", 200, "{}")) {
            var address = agent(agent.address());

            assertThat(HealthProbe.of(address, false).ask().healthy()).isFalse();
            assertThat(HealthProbe.of(address, true).ask().healthy()).isTrue();
        }
    }

    @Test
    void nobodyThereIsUnhealthy() throws IOException {
        int free;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }

        var verdict = HealthProbe.of(agent("127.0.0.1:" + free), false).ask();

        assertThat(verdict.healthy()).isFalse();
        assertThat(verdict.line()).contains("no answer from 127.0.0.1:" + free + "/readiness");
    }

    @Test
    void anAddressThatIsNoneIsUnhealthyToo() {
        assertThat(HealthProbe.here(Map.of("KUMKI_LISTEN", "everywhere"), false).line())
                .startsWith("unhealthy: `listen` cannot be read")
                .contains("HOST:PORT");
    }

    @Test
    void somethingElseThanAnAgentIsUnhealthy() throws Exception {
        try (var other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var greeting =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        try (var caller = other.accept()) {
                                            caller.getOutputStream()
                                                    .write(
                                                            "220 mail\r\n"
                                                                    .getBytes(
                                                                            StandardCharsets
                                                                                    .US_ASCII));
                                            caller.shutdownOutput();
                                            caller.getInputStream().readAllBytes();
                                        } catch (IOException e) {
                                            throw new IllegalStateException(e);
                                        }
                                    });
            var verdict = HealthProbe.of(agent("127.0.0.1:" + other.getLocalPort()), false).ask();
            greeting.join();

            assertThat(verdict.healthy()).isFalse();
            assertThat(verdict.line()).contains("does not speak HTTP");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "health, true",
        "health --live, true",
        "health --help, false",
        "health --live --live, false",
        "status, false",
        "'', false"
    })
    void whatNeedsAParserIsLeftToOne(String words, boolean quick) {
        var split = words.isEmpty() ? new String[0] : words.split(" ");

        assertThat(HealthProbe.understands(split)).isEqualTo(quick);
    }

    private static LocalAgent agent(String address) {
        return new LocalAgent(HostPort.parse(address), Optional.empty());
    }
}
