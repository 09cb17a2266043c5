package io.kumki.adapter.postgres;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.mutiny.core.Vertx;
import java.time.Duration;
import java.util.Optional;

/**
 * Does the postmaster still let new clients in? A frozen one does not, while sessions that are open
 * go on: our own would never notice. An SSLRequest (PostgreSQL docs, 55.2.10) is answered by one
 * byte before any login and leaves no line in the log.
 */
final class FrontDoor {
    private static final long EVERY_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long PATIENCE_NANOS = Duration.ofSeconds(2).toNanos();
    private static final Buffer SSL_REQUEST = Buffer.buffer().appendInt(8).appendInt(80877103);

    private final Vertx vertx;
    private final NetClient client;
    private final String host;
    private final int port;
    private long asked = System.nanoTime() - EVERY_NANOS;

    /** When the first question was asked that has not been answered; empty: none is open. */
    private volatile Optional<Long> waitingSince = Optional.empty();

    FrontDoor(Vertx vertx, String host, int port) {
        this.vertx = vertx;
        this.client =
                vertx.getDelegate().createNetClient(new NetClientOptions().setConnectTimeout(1000));
        this.host = host;
        this.port = port;
    }

    /**
     * Asks once a second, without waiting for the answer.
     *
     * @return a complaint if nobody has answered for two seconds
     */
    Optional<String> knock() {
        long now = System.nanoTime();
        if (now - asked > EVERY_NANOS) {
            asked = now;
            waitingSince = waitingSince.or(() -> Optional.of(now));
            ask();
        }
        return waitingSince
                .filter(since -> now - since > PATIENCE_NANOS)
                .map(since -> "the postmaster lets no new client in");
    }

    /** A refused connection is an answer too: the poll will say what it means. */
    private void ask() {
        client.connect(port, host)
                .onSuccess(this::speak)
                .onFailure(refused -> waitingSince = Optional.empty());
    }

    private void speak(NetSocket socket) {
        socket.handler(
                answer -> {
                    waitingSince = Optional.empty();
                    socket.close();
                });
        socket.write(SSL_REQUEST);
        vertx.setTimer(PATIENCE_NANOS / 1_000_000, id -> socket.close());
    }
}
