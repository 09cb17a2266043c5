package io.kumki.adapter.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS between client and server passes through unseen; or the gateway speaks it itself. */
class GatewayTlsIT {
    private static final String ENCRYPTED =
            "select ssl from pg_stat_ssl where pid = pg_backend_pid()";

    @TempDir static Path folder;
    private static PostgresServer plain;
    private static PostgresServer tls;
    private static Gateway.Tls files;

    @BeforeAll
    static void start() {
        plain = new PostgresServer("plain");
        tls = new PostgresServer("tls");
        var key = folder.resolve("key.pem");
        var certificate = folder.resolve("certificate.pem");
        PostgresServer.run(
                List.of("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes"),
                "-subj",
                "/CN=localhost",
                "-keyout",
                key.toString(),
                "-out",
                certificate.toString());
        files = new Gateway.Tls(certificate, key);
        tls.useTls(certificate, key);
    }

    @AfterAll
    static void stop() {
        plain.close();
        tls.close();
    }

    @Test
    void tlsPassesThroughUnseen() throws Exception {
        try (var door = new Doorway().open(1, tls.target());
                var session = PostgresServer.connect(door.rw(), Map.of("sslmode", "require"))) {
            assertThat(PostgresServer.ask(session, ENCRYPTED)).isEqualTo("t");
            Awaitility.await().until(() -> door.gateway().doors().opaque() == 1);
            assertThat(door.gateway().doors().busy()).isZero();

            door.draining(1, tls.target(), "plain");
            Awaitility.await().until(() -> door.gateway().doors().holding());
            assertThat(PostgresServer.ask(session, "select 'left alone'")).isEqualTo("left alone");

            door.vacant(1, "it has stopped");
            assertThatThrownBy(() -> PostgresServer.ask(session, "select 1"))
                    .isInstanceOf(SQLException.class);
        }
    }

    @Test
    void whoAsksForTlsInVainGoesOnInPlainTextAndIsSeen() throws Exception {
        try (var door = new Doorway().open(1, plain.target());
                var session = PostgresServer.connect(door.rw(), Map.of("sslmode", "prefer"))) {
            assertThat(PostgresServer.ask(session, ENCRYPTED)).isEqualTo("f");
            Awaitility.await().until(() -> door.gateway().doors().busy() == 1);

            assertThatThrownBy(
                            () -> PostgresServer.connect(door.rw(), Map.of("sslmode", "require")))
                    .hasMessageContaining("does not support SSL");
        }
    }

    @Test
    void whoAsksForTlsWaitsLikeAnybodyElse() throws Exception {
        try (var door = new Doorway().vacant(1, "nobody leads")) {
            for (var server : List.of(tls, plain)) {
                var waiting =
                        CompletableFuture.supplyAsync(
                                () -> encrypted(door, Map.of("sslmode", "prefer")));
                Awaitility.await().until(() -> door.gauge("kumki.gateway.held") == 1);

                door.open(2, server.target());

                assertThat(waiting.get(30, TimeUnit.SECONDS)).isEqualTo(server == tls ? "t" : "f");
                door.vacant(2, "nobody leads");
            }
        }
    }

    /** TLS was declined by a server that is gone when the startup packet comes. */
    @Test
    void theNextServerIsAskedInPlainText() throws Exception {
        try (var door = new Doorway().open(1, plain.target());
                var client = new RawClient(door.rw())) {
            client.request(80877103);
            assertThat(client.oneByte()).isEqualTo('N');
            door.vacant(1, "nobody leads");
            client.startup();
            Awaitility.await().until(() -> door.gauge("kumki.gateway.held") == 1);

            door.open(2, tls.target());

            client.until('Z');
            assertThat(client.answer("show cluster_name")).isEqualTo("tls");
        }
    }

    @Test
    void theGatewayCanSpeakTlsItself() throws Exception {
        try (var door = terminating().open(1, plain.target());
                var session = PostgresServer.connect(door.rw(), Map.of("sslmode", "require"));
                var direct =
                        PostgresServer.connect(
                                door.rw(),
                                Map.of("sslmode", "require", "sslNegotiation", "direct"))) {
            assertThat(PostgresServer.ask(session, ENCRYPTED)).isEqualTo("f");
            assertThat(PostgresServer.ask(direct, "select repeat('x', 1000000)")).hasSize(1000000);
            Awaitility.await().until(() -> door.gateway().doors().busy() == 2);
            assertThat(door.gateway().doors().opaque()).isZero();

            door.draining(1, plain.target(), "tls");

            Awaitility.await().until(() -> door.gateway().doors().busy() == 0);
            assertThatThrownBy(() -> PostgresServer.ask(session, "select 1"))
                    .hasMessageContaining("planned switchover");
        }
    }

    @Test
    void plainTextIsWelcomeBesideTls() throws Exception {
        try (var door = terminating().open(1, plain.target());
                var session = PostgresServer.connect(door.rw(), Map.of("sslmode", "disable"))) {
            assertThat(PostgresServer.ask(session, "select 1")).isEqualTo("1");
        }
    }

    @Test
    void nothingPlainMaySlipInBeforeTls() throws Exception {
        try (var door = terminating().open(1, plain.target());
                var client = new RawClient(door.rw())) {
            var packet = java.nio.ByteBuffer.allocate(13).putInt(8).putInt(80877103);
            client.send(packet.put(new byte[] {'X', 0, 0, 0, 4}).array());

            Awaitility.await()
                    .until(() -> door.counter("kumki.gateway.refused", "reason", "garbage") == 1);
        }
    }

    @Test
    void gssIsDeclinedAndTheClientGoesOn() throws Exception {
        try (var door = new Doorway().open(1, plain.target());
                var client = new RawClient(door.rw())) {
            client.request(80877104);
            assertThat(client.oneByte()).isEqualTo('N');
            client.request(80877103);
            assertThat(client.oneByte()).isEqualTo('N');
            client.login();
            assertThat(client.answer("show cluster_name")).isEqualTo("plain");
        }
    }

    @Test
    void aKeyThatIsNoneIsNamed() throws Exception {
        var wrong = Files.writeString(folder.resolve("wrong.pem"), "no key");

        assertThatThrownBy(
                        () ->
                                new Doorway(
                                        Duration.ofSeconds(1),
                                        10,
                                        Optional.of(new Gateway.Tls(files.certificate(), wrong))))
                .hasMessageContaining("certificate or key");
    }

    private static Doorway terminating() {
        return new Doorway(Duration.ofSeconds(20), 100, Optional.of(files));
    }

    private static String encrypted(Doorway door, Map<String, String> terms) {
        try (var session = PostgresServer.connect(door.rw(), terms)) {
            return PostgresServer.ask(session, ENCRYPTED);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
