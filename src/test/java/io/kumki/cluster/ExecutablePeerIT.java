package io.kumki.cluster;

import static io.kumki.cluster.Onlooker.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * A peer's name leads to another address, as after a container's restart: the program as it is
 * shipped must not go on calling the old one. A native one could have kept Java's usual 30 s.
 */
@Tag("calm")
@EnabledIf(value = "possible", disabledReason = "NEEDS ROOT AND NAMESPACES; see above")
class ExecutablePeerIT {
    private static final String NAME = "n2.kumki.test";
    private static final List<String> ADDRESSES = List.of("127.0.0.2", "127.0.0.3");

    /** Half of the time for which Java would keep an address; at the second move it is new. */
    private static final Duration LONG = Duration.ofSeconds(15);

    static boolean possible() {
        return Network.possible();
    }

    @Test
    void aPeerThatMovedIsCalledAtItsNewAddress() throws IOException {
        var hosts = Files.createTempFile(Path.of("/tmp"), "kumki-hosts", "");
        // In a name space of its own, this file is what the C library reads names from.
        var place =
                List.of(
                        "unshare",
                        "--mount",
                        "sh",
                        "-c",
                        "chmod 644 \"$0\" && mount --bind \"$0\" /etc/hosts && exec \"$@\"",
                        hosts.toString());
        var local = "127.0.0.1";
        try (var cluster =
                        new HandCluster(
                                Map.of("n1", local, "n2", NAME, "witness", local),
                                Map.of("n1", place));
                var old = new Ear(ADDRESSES.get(0), cluster.eye.member("n2").api().port());
                var other = new Ear(ADDRESSES.get(1), old.socket.getLocalPort())) {
            moveTo(old, hosts);
            cluster.startAgent("n1");
            eventually("a call", () -> assertThat(old.calls).hasPositiveValue());

            for (var ear : List.of(other, old, other)) {
                assertThat(callAfterMove(ear, hosts))
                        .as("time until a call after the move to %s", ear.socket)
                        .isLessThan(LONG);
            }
        } finally {
            Files.delete(hosts);
        }
    }

    private static Duration callAfterMove(Ear ear, Path hosts) throws IOException {
        int before = ear.calls.get();
        long moved = System.nanoTime();
        moveTo(ear, hosts);
        eventually("a call", () -> assertThat(ear.calls).hasValueGreaterThan(before));
        var took = Duration.ofNanos(System.nanoTime() - moved);
        System.out.printf("moved: called at the new address after %d ms%n", took.toMillis());
        return took;
    }

    /** In place: it is mounted. */
    private static void moveTo(Ear ear, Path hosts) throws IOException {
        var address = ear.socket.getInetAddress().getHostAddress();
        Files.writeString(hosts, "127.0.0.1 localhost\n%s %s\n".formatted(address, NAME));
    }

    /** Counts who calls, and hangs up. */
    private static final class Ear implements AutoCloseable {
        final AtomicInteger calls = new AtomicInteger();
        final ServerSocket socket;

        Ear(String address, int port) throws IOException {
            socket = new ServerSocket(port, 50, InetAddress.getByName(address));
            Thread.ofVirtual().start(this::listen);
        }

        private void listen() {
            try {
                while (true) {
                    socket.accept().close();
                    calls.incrementAndGet();
                }
            } catch (IOException closed) {
                // The test is over.
                return;
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
