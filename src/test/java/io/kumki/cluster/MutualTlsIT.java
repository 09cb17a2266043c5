package io.kumki.cluster;

import static io.kumki.cluster.Onlooker.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.HostPort;
import io.kumki.support.FreePort;
import io.kumki.tls.Authority;
import io.kumki.tls.Client;
import io.kumki.tls.PemFiles;
import io.kumki.tls.TlsException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Real agents that talk by mutual TLS only: they elect, they renew, and strangers stay outside. */
@Tag("calm")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MutualTlsIT {
    private static final Map<String, String> HOSTS =
            Map.of("n1", "127.0.0.2", "n2", "127.0.0.3", "witness", "127.0.0.4");

    @TempDir private static Path folder;
    private static Authority authority;
    private static Authority foreign;
    private static HandCluster cluster;
    private static int healthPort;

    @BeforeAll
    static void start() throws IOException, TlsException {
        authority = new Authority(folder.resolve("tls")).issue(words());
        foreign = new Authority(folder.resolve("foreign")).issue(words());
        var trusting = Client.trusting(authority.certificate());
        cluster =
                new HandCluster(
                        HOSTS, Map.of(), new Agents(HandCluster.PASSWORD, Optional.of(trusting)));
        for (var node : HOSTS.keySet()) {
            place(node, authority.of(node));
            Files.writeString(
                    cluster.configurationOf(node), lines(at(node)), StandardOpenOption.APPEND);
        }
        healthPort = FreePort.next();
        Files.writeString(
                cluster.configurationOf("witness"),
                "listen-health = 127.0.0.1:%d\n".formatted(healthPort),
                StandardOpenOption.APPEND);
        cluster.startAll();
    }

    private static String[] words() {
        return HOSTS.entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .toArray(String[]::new);
    }

    private static String lines(PemFiles files) {
        // Long enough for a busy machine: nothing here is about being fast.
        return "ttl = 10s\ntls-certificate = %s\ntls-key = %s\ntls-ca = %s\n"
                .formatted(files.certificate(), files.key(), files.authority());
    }

    /** Where a node's agent looks for them. */
    private static PemFiles at(String node) {
        var own = cluster.home.resolve(node);
        return new PemFiles(
                own.resolve("host.crt"), own.resolve("host.key"), own.resolve("ca.crt"));
    }

    private static void place(String node, PemFiles files) {
        var own = cluster.home.resolve(node).toString();
        for (var file : List.of(files.certificate(), files.key(), files.authority())) {
            Commands.run("cp", file.toString(), own);
        }
        if (Commands.root()) {
            Commands.run("chown", "-R", "postgres:", own);
        }
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    @Order(1)
    void itFailsOverAndRejoins() {
        var leader = cluster.eye.healthy();
        cluster.stop(leader.name(), "runner");
        var next = cluster.eye.successorOf(leader);
        cluster.startRunner(leader.name());
        assertThat(cluster.eye.healthy()).isEqualTo(next);
    }

    @Test
    @Order(2)
    void whoShowsNoCertificateIsNoPeerButMayLook() throws Exception {
        var api = cluster.eye.witness();
        assertThat(cluster.eye.agents.check(api, "/liveness")).isEqualTo(200);
        assertThat(vote(api, Client.trusting(authority.certificate()), "n1/x"))
                .startsWith("403 ")
                .contains("n1 showed no certificate");
        assertThat(vote(api, Client.showing(authority.of("n2"), Instant.now()), "n1/x"))
                .startsWith("403 ")
                .contains("n1 is at 127.0.0.2", "made out to [127.0.0.3");
        assertThat(vote(api, Client.showing(authority.of("n1"), Instant.now()), "n1/x"))
                .doesNotStartWith("403 ");
        assertThat(new Agents(HandCluster.PASSWORD).check(api, "/liveness")).isZero();
    }

    @Test
    @Order(2)
    void healthChecksMayDoWithoutTls() throws IOException {
        var door = new HostPort("127.0.0.1", healthPort);
        var plain = new Agents(HandCluster.PASSWORD);
        cluster.eye.healthy();
        assertThat(plain.check(door, "/readiness")).isEqualTo(200);
        assertThat(plain.check(door, "/q/metrics")).isEqualTo(200);
        assertThat(plain.check(door, "/primary")).isEqualTo(503);
        assertThat(plain.check(door, "/api/v1/cluster")).isEqualTo(403);
        assertThat(plain.post(door, "pause", "{}", HandCluster.PASSWORD).statusCode())
                .isEqualTo(403);
    }

    /** Status and text of the answer to a peer's call. */
    private static String vote(HostPort api, SSLContext tls, String sender) throws Exception {
        try (var client = HttpClient.newBuilder().sslContext(tls).build()) {
            var call =
                    HttpRequest.newBuilder(URI.create("https://" + api + "/peer/v1/register"))
                            .header("Authorization", "Bearer " + HandCluster.PASSWORD)
                            .header("Content-Type", "application/json")
                            .header("Kumki-Agent", sender)
                            .POST(BodyPublishers.ofString("{}"))
                            .build();
            var answer = client.send(call, BodyHandlers.ofString());
            return answer.statusCode() + " " + answer.body();
        }
    }

    @Test
    @Order(3)
    void aRenewedCertificateIsTakenWithoutARestart() {
        var leader = cluster.eye.healthy();
        authority.issue("--renew", "n2=127.0.0.3");
        place("n2", authority.of("n2"));
        eventually("n2 took it", () -> assertThat(log("n2")).contains("certificate renewed"));
        assertThat(cluster.eye.healthy()).isEqualTo(leader);
    }

    @Test
    @Order(4)
    void aForeignCertificateLosesThePeerAndNothingElse() {
        var leader = cluster.eye.healthy();
        var other = cluster.eye.other(leader).name();
        cluster.stop(other, "agent");
        place(other, foreign.of(other));
        cluster.startAgent(other);

        eventually(
                "all say so",
                () -> {
                    assertThat(log(leader.name())).contains("refused because=\"no TLS with");
                    assertThat(log("witness")).contains("refused because=\"no TLS with");
                    assertThat(log(other)).contains("refused because=\"no TLS with");
                });
        assertThat(cluster.eye.agents.check(leader.api(), "/primary")).isEqualTo(200);

        cluster.stop(other, "agent");
        place(other, authority.of(other));
        cluster.startAgent(other);
        assertThat(cluster.eye.healthy()).isEqualTo(leader);
    }

    @Test
    @Order(5)
    void theCommandLineNeedsTheAuthorityAndTheToken() {
        var leader = cluster.eye.healthy();
        var trust = "--tls-ca=" + authority.certificate();
        eventually(
                "an answer in time",
                () -> assertThat(kumki("status", trust).output()).contains("leader " + leader));
        assertThat(kumki("status").output()).contains("no agent answered");
        eventually(
                "a refusal in time",
                () ->
                        assertThat(kumki("status", "--tls-ca=" + foreign.certificate()).output())
                                .contains(
                                        "no agent answered",
                                        "is --tls-ca the authority of that agent"));
        var token = "--token-file=" + cluster.home.resolve("secret");
        for (var wish : List.of("pause", "resume")) {
            eventually(
                    wish,
                    () -> {
                        var result = kumki(wish, trust, token);
                        assertThat(result.exit()).as(result.output()).isZero();
                    });
        }
    }

    private static Commands.Result kumki(String command, String... more) {
        var words = new ArrayList<>(List.of(command, "--api=" + cluster.eye.witness()));
        words.addAll(List.of(more));
        return Commands.attempt(cluster.executable().command(words), Map.of());
    }

    private static String log(String node) throws IOException {
        return Files.readString(cluster.home.resolve(node).resolve("agent.log"));
    }
}
