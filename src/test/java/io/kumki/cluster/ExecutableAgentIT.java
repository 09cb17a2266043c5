package io.kumki.cluster;

import static io.kumki.cluster.Onlooker.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.HostPort;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Agents of the program as it is shipped, on real PostgreSQL: what a native one could lack. Run it
 * with {@code KUMKI_EXECUTABLE=FILE} to prove such a one.
 */
@Tag("calm")
class ExecutableAgentIT {
    private static HandCluster cluster;
    private static WebhookEar plain;
    private static WebhookEar secure;

    @BeforeAll
    static void up() throws IOException, GeneralSecurityException {
        cluster = HandCluster.here().unhurried();
        var store = WebhookEar.certificate(cluster.home.resolve("tls"));
        plain = WebhookEar.plain();
        secure = WebhookEar.secure(store);
        cluster.properties.addAll(WebhookEar.trusting(store));
        for (var node : List.of("n1", "n2", "witness")) {
            cluster.add(node, "webhook-url = " + plain.url() + "," + secure.url());
        }
        cluster.startAll();
        cluster.eye.healthy();
    }

    @AfterAll
    static void down() {
        if (cluster != null) {
            cluster.close();
        }
        Stream.of(plain, secure).filter(Objects::nonNull).forEach(WebhookEar::close);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cluster | failoverTarget",
                "node | leaseRemaining",
                "routes | writer",
                "history | cause",
                "decisions | because"
            })
    void everyViewIsJsonWithItsFields(String view, String field) {
        for (var api : apis()) {
            assertThat(
                            cluster.eye
                                    .agents
                                    .read(api, "/api/v1/" + view)
                                    .orElseThrow()
                                    .findValue(field))
                    .as(view + " of " + api)
                    .isNotNull();
        }
    }

    @Test
    void probesAndMetricsAnswer() throws IOException {
        for (var api : apis()) {
            eventually(
                    "readiness of " + api,
                    () -> assertThat(cluster.eye.agents.check(api, "/readiness")).isEqualTo(200));
            assertThat(cluster.eye.agents.check(api, "/q/health/live")).isEqualTo(200);
            assertThat(text(api, "/q/metrics")).contains("kumki_").contains("jvm_");
        }
    }

    @Test
    void theCommandLineReadsWhatAgentsWrite() {
        var leader = cluster.eye.healthy();
        var api = leader.api().toString();

        assertThat(done("status", "--api", api)).contains("leader " + leader.name());
        assertThat(done("status", "--api", api, "-o", "json")).contains("\"failoverTarget\"");
        assertThat(done("history", "--api", api)).contains(leader.name());
        assertThat(done("health", "--api", api)).startsWith("healthy: ");
        assertThat(done("pause", "--api", api)).contains("paused");
        assertThat(done("resume", "--api", api)).contains("resumed");
    }

    @Test
    void anOrderThatIsNotUnderstoodIsRefusedAndNothingIsDone() throws IOException {
        var leader = cluster.eye.healthy();
        var agents = cluster.eye.agents;
        for (var body : List.of("{\"target\":\"n2\"}", "{\"to\":5}", "{\"force\":\"no\"}", "n2")) {
            var answer = agents.post(leader.api(), "switchover", body, HandCluster.PASSWORD);
            assertThat(answer.statusCode()).as(body + answer.body()).isEqualTo(400);
            assertThat(answer.body()).contains("Nothing was done");
        }
        var query = agents.post(leader.api(), "switchover?to=n2", "", HandCluster.PASSWORD);
        assertThat(query.statusCode()).as(query.body()).isEqualTo(400);
        var nobody = agents.post(leader.api(), "failover", "{\"to\":\"nx\"}", HandCluster.PASSWORD);
        assertThat(nobody.statusCode()).as(nobody.body()).isEqualTo(409);
        assertThat(nobody.body()).contains("no node is called nx");
        assertThat(agents.check(leader.api(), "/replica?tag_x=y")).isEqualTo(400);
        for (int i = 0; i < 4; i++) {
            var wrong = agents.post(leader.api(), "pause", "", "another-token-" + i);
            assertThat(wrong.statusCode()).as(wrong.body()).isEqualTo(401);
        }
        assertThat(text(leader.api(), "/q/metrics")).contains("kumki_token_refused_total 4.0");
        assertThat(cluster.eye.healthy().name()).isEqualTo(leader.name());
    }

    @Test
    void aSwitchoverIsToldToTheWebhooks() {
        var before = cluster.eye.healthy();
        plain.letters.clear();
        secure.letters.clear();

        done("switchover", "--api", before.api().toString());

        assertThat(cluster.eye.successorOf(before)).isEqualTo(cluster.eye.other(before));
        for (var ear : List.of(plain, secure)) {
            eventually(
                    "a letter to " + ear.url(),
                    () ->
                            assertThat(ear.letters)
                                    .anyMatch(letter -> letter.contains("\"switchover\"")));
        }
        cluster.eye.healthy();
    }

    @Test
    void anAgentThatIsToldToEndEndsAndComesBack() throws InterruptedException {
        cluster.stop("witness", "agent");
        assertThat(cluster.eye.agents.check(cluster.eye.witness(), "/liveness")).isZero();

        var again = cluster.startAgent("witness");
        cluster.eye.healthy();

        again.destroy();
        assertThat(again.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(again.exitValue()).isIn(0, 143);
        cluster.startAgent("witness");
        cluster.eye.healthy();
    }

    private static List<HostPort> apis() {
        return List.of(
                cluster.eye.member("n1").api(),
                cluster.eye.member("n2").api(),
                cluster.eye.witness());
    }

    private static String text(HostPort api, String path) throws IOException {
        try (var answer = URI.create("http://" + api + path).toURL().openStream()) {
            return new String(answer.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** A command of the program that must succeed. */
    private static String done(String... words) {
        var result =
                Commands.attempt(
                        cluster.executable().command(List.of(words)),
                        Map.of("KUMKI_TOKEN", HandCluster.PASSWORD));
        assertThat(result.exit()).as(List.of(words) + " said " + result.output()).isZero();
        return result.output();
    }
}
