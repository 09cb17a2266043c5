package io.kumki.bench;

import io.kumki.support.FreePort;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The machine's HAProxy in mode tcp before one server, with no checks and nothing to log. */
final class Haproxy implements AutoCloseable {
    private static final String CONFIGURATION =
            """
            global
                maxconn 8000
            defaults
                mode tcp
                timeout connect 2s
                timeout client 1h
                timeout server 1h
            listen server
                bind 127.0.0.1:%d
                server one %s
            """;

    private final Path home;
    private final Process process;
    private final int port;

    /**
     * @param server HOST:PORT
     */
    Haproxy(String server) throws IOException {
        home = Files.createTempDirectory("kumki-haproxy-");
        port = FreePort.next();
        var file = Files.writeString(home.resolve("cfg"), CONFIGURATION.formatted(port, server));
        // Not as a daemon: it ends with us.
        process =
                new Command(List.of("haproxy", "-db", "-f", file.toString()), Map.of())
                        .start(home.resolve("log"));
        Machine.await("haproxy to listen", 10, this::listens);
    }

    private boolean listens() {
        try (var socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
        for (var name : List.of("cfg", "log")) {
            Files.deleteIfExists(home.resolve(name));
        }
        Files.delete(home);
    }
}
