package io.kumki.adapter.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.kumki.core.model.HostPort;
import io.kumki.core.model.NodeId;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An operator's wish waits for the leader's disks; a report does not. */
class HttpPeersTest {
    private static final NodeId LEADER = new NodeId("n1");
    private static final Duration PATIENCE = Duration.ofMillis(50);

    private final Vertx vertx = Vertx.vertx();
    private final CountDownLatch longer = new CountDownLatch(1);
    private HttpServer leader;

    @BeforeEach
    void start() throws IOException {
        leader = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    }

    @AfterEach
    void stop() {
        longer.countDown();
        leader.stop(0);
        vertx.closeAndAwait();
    }

    @Test
    void anAnswerThatTakesLongerThanAReportMayIsTheAnswer() {
        answers(10 * PATIENCE.toMillis(), 200, "switchover from n1 to n2");

        assertThat(ask()).isEqualTo("switchover from n1 to n2");
    }

    @Test
    void aRefusalIsToldInTheLeadersWords() {
        answers(0, 409, "n2 does not stream; nothing was changed");

        assertThatThrownBy(this::ask)
                .isInstanceOf(HttpPeers.Refused.class)
                .hasMessage("n2 does not stream; nothing was changed");
    }

    private String ask() {
        var address = new HostPort("127.0.0.1", leader.getAddress().getPort());
        var terms =
                new HttpPeers.Terms(
                        new NodeId("n2"), "a life", "main", "a token", PATIENCE, PATIENCE);
        return new HttpPeers(
                        vertx,
                        Optional.empty(),
                        Map.of(LEADER, address),
                        terms,
                        message -> Uni.createFrom().nothing(),
                        Runnable::run)
                .operate(LEADER, "switchover", Map.of(), "a person")
                .await()
                .atMost(Duration.ofSeconds(30));
    }

    private void answers(long after, int status, String message) {
        leader.createContext(
                "/api/v1/switchover",
                exchange -> {
                    pause(after);
                    var body = "{\"message\":\"" + message + "\"}";
                    var bytes = body.getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(status, bytes.length);
                    exchange.getResponseBody().write(bytes);
                    exchange.close();
                });
        leader.start();
    }

    private void pause(long millis) {
        try {
            assertThat(longer.await(millis, TimeUnit.MILLISECONDS)).isFalse();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts it", e);
        }
    }
}
