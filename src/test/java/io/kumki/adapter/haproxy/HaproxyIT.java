package io.kumki.adapter.haproxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** deploy/haproxy as it is, by its own checks alone: nobody pushes. */
class HaproxyIT {
    private static LoneServer n1;
    private static LoneServer n2;

    @BeforeAll
    static void startServers() {
        n1 = new LoneServer("n1");
        n2 = new LoneServer("n2");
    }

    @AfterAll
    static void endServers() {
        n1.close();
        n2.close();
    }

    @Test
    void theConfigurationIsAccepted() throws IOException {
        try (var haproxy = new HaproxyProcess(n1, n2, "").start()) {
            assertThat(haproxy.check()).doesNotContainIgnoringCase("warning");
        }
    }

    @Test
    void writesGoToTheLeaderAndReadsToReplicas() throws Exception {
        try (var haproxy = new HaproxyProcess(n1, n2, "")) {
            haproxy.healthy("/primary/n1", "/replica/n2");
            haproxy.start();

            awaitLedTo(haproxy.write, "n1");
            awaitLedTo(haproxy.read, "n2");
            assertThat(page(haproxy, "/metrics")).contains("haproxy_server_status");

            haproxy.healthy("/primary/n1");
            awaitLedTo(haproxy.read, "n1");
        }
    }

    @Test
    void aSessionThatFindsNoLeaderWaitsForOne() throws Exception {
        try (var haproxy = new HaproxyProcess(n1, n2, "")) {
            haproxy.healthy("/replica/n2");
            haproxy.start();
            awaitLedTo(haproxy.read, "n2");

            var waiting = CompletableFuture.supplyAsync(() -> name(haproxy.write));
            TimeUnit.SECONDS.sleep(1);
            assertThat(waiting).isNotDone();
            haproxy.healthy("/primary/n2");

            assertThat(waiting.get(20, TimeUnit.SECONDS)).isEqualTo("n2");
        }
    }

    @Test
    void aSessionThatFindsNobodyIsToldSo() throws Exception {
        try (var haproxy = new HaproxyProcess(n1, n2, "").with("KUMKI_HOLD", "1")) {
            haproxy.start();

            for (int port : new int[] {haproxy.write, haproxy.read}) {
                Awaitility.await()
                        .atMost(Duration.ofSeconds(20))
                        .untilAsserted(() -> assertRefused(port));
            }
        }
    }

    /** Its agent has not noticed yet, and HAProxy leads there: the session is tried again. */
    @Test
    void aSessionRefusedByADeadServerIsLedToTheNext() throws Exception {
        try (var haproxy = new HaproxyProcess(n1, n2, "")) {
            haproxy.healthy("/primary/n1");
            haproxy.start();
            awaitLedTo(haproxy.write, "n1");
            n1.crash();

            var waiting = CompletableFuture.supplyAsync(() -> name(haproxy.write));
            TimeUnit.MILLISECONDS.sleep(500);
            haproxy.healthy("/primary/n2");

            assertThat(waiting.get(20, TimeUnit.SECONDS)).isEqualTo("n2");
        } finally {
            n1.start();
        }
    }

    @Test
    void aReloadDisturbsNobody() throws Exception {
        try (var haproxy = new HaproxyProcess(n1, n2, "")) {
            haproxy.healthy("/primary/n1");
            haproxy.start();
            awaitLedTo(haproxy.write, "n1");
            Process old;
            try (var session = LoneServer.connect(haproxy.write)) {
                old = haproxy.reload();
                awaitLedTo(haproxy.write, "n1");

                TimeUnit.SECONDS.sleep(1);
                assertThat(LoneServer.name(session)).isEqualTo("n1");
                assertThat(old.isAlive()).isTrue();
            }
            assertThat(old.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(old.exitValue()).isZero();
        }
    }

    @Test
    void sessionsToADemotedServerAreCut() throws Exception {
        try (var haproxy = new HaproxyProcess(n1, n2, "")) {
            haproxy.healthy("/primary/n1");
            haproxy.start();
            awaitLedTo(haproxy.write, "n1");
            try (var old = LoneServer.connect(haproxy.write)) {
                assertThat(LoneServer.name(old)).isEqualTo("n1");

                haproxy.healthy("/primary/n2");

                Awaitility.await()
                        .atMost(Duration.ofSeconds(20))
                        .untilAsserted(
                                () ->
                                        assertThatThrownBy(() -> LoneServer.name(old))
                                                .isInstanceOf(SQLException.class));
            }
            awaitLedTo(haproxy.write, "n2");
        }
    }

    private static void assertRefused(int port) {
        assertThatThrownBy(() -> LoneServer.name(port))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("no server could take this session for 1 s")
                .extracting(e -> ((SQLException) e).getSQLState())
                .isEqualTo("57P03");
    }

    static void awaitLedTo(int port, String node) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .ignoreExceptions()
                .until(() -> LoneServer.name(port).equals(node));
    }

    static String name(int port) {
        try {
            return LoneServer.name(port);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String page(HaproxyProcess haproxy, String path) throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            var address = URI.create("http://127.0.0.1:" + haproxy.stats + path);
            return client.send(
                            HttpRequest.newBuilder(address).build(), BodyHandlers.ofString(UTF_8))
                    .body();
        }
    }
}
