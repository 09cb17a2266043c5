package io.kumki.adapter.postgres;

import io.vertx.mutiny.core.Vertx;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Optional;

/**
 * Does the postmaster still let new clients in? A frozen one does not, while sessions that are open
 * go on: our own would never notice. A client that connects and says no more without a single byte
 * is left by a server that lives, at once and without a line in its log (PostgreSQL's source,
 * ProcessStartupPacket); a hang-up after an SSLRequest is logged where ssl is on.
 */
final class FrontDoor {
    private static final long EVERY_NANOS = Duration.ofSeconds(1).toNanos();
    private static final int PATIENCE_MILLIS = 2000;
    private static final long PATIENCE_NANOS = Duration.ofMillis(PATIENCE_MILLIS).toNanos();
    private static final int CONNECT_MILLIS = 1000;

    private final Vertx vertx;
    private final String host;
    private final int port;
    private long asked = System.nanoTime() - EVERY_NANOS;

    /** When somebody was first let in and not answered; empty: nobody waits. */
    private volatile Optional<Long> waitingSince = Optional.empty();

    FrontDoor(Vertx vertx, String host, int port) {
        this.vertx = vertx;
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
            ask();
        }
        return waitingSince
                .filter(since -> now - since > PATIENCE_NANOS)
                .map(since -> "the postmaster lets no new client in");
    }

    private void ask() {
        vertx.getDelegate()
                .executeBlocking(this::answered, false)
                .onSuccess(
                        answered -> {
                            if (answered) {
                                waitingSince = Optional.empty();
                            }
                        });
    }

    /**
     * A connection that is refused or lost is an answer too: the poll will tell more. Looking up a
     * name and connecting count for nothing: a slow resolver, or a queue that is full, says nothing
     * of the postmaster.
     */
    private boolean answered() {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), CONNECT_MILLIS);
            waitingSince = waitingSince.or(() -> Optional.of(System.nanoTime()));
            return leaves(socket);
        } catch (SocketTimeoutException full) {
            return false;
        } catch (IOException refused) {
            return true;
        }
    }

    private static boolean leaves(Socket socket) throws IOException {
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.shutdownOutput();
        try {
            socket.getInputStream().read();
            return true;
        } catch (SocketTimeoutException silence) {
            return false;
        }
    }
}
