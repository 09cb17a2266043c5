package io.kumki.adapter.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.mutiny.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FrontDoorTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Vertx vertx = Vertx.vertx();
    private ServerSocket server;

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void close() throws IOException {
        server.close();
        vertx.closeAndAwait();
    }

    @Test
    void aServerThatHangsUpIsThereAndHearsNotOneByte() {
        var clients = new AtomicInteger();
        var bytes = new AtomicInteger();
        Thread.ofVirtual().start(() -> serve(clients, bytes));
        var door = door();

        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> {
                            door.knock();
                            assertThat(clients).hasValueGreaterThan(2);
                        });
        await().atMost(PATIENCE).until(() -> door.knock().isEmpty());
        assertThat(bytes).hasValue(0);
    }

    @Test
    void aServerThatLetsNobodyInIsComplainedAboutAndForgivenWhenItDoes() {
        var door = door();
        await().atMost(PATIENCE).until(() -> door.knock().isPresent());

        Thread.ofVirtual().start(() -> serve(new AtomicInteger(), new AtomicInteger()));

        await().atMost(PATIENCE).until(() -> door.knock().isEmpty());
    }

    private FrontDoor door() {
        return new FrontDoor(
                vertx, server.getInetAddress().getHostAddress(), server.getLocalPort());
    }

    /** As a backend does: reads until the client has ended its side, then hangs up. */
    private void serve(AtomicInteger clients, AtomicInteger bytes) {
        while (!server.isClosed()) {
            try (var client = server.accept()) {
                bytes.addAndGet(client.getInputStream().readAllBytes().length);
                clients.incrementAndGet();
            } catch (IOException closed) {
                // The test is over, or the client gave up waiting.
                Thread.onSpinWait();
            }
        }
    }
}
