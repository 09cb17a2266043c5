package io.kumki.adapter.haproxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import io.kumki.support.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** The real HAProxy with the real deploy/haproxy, and what agents would answer to its checks. */
final class HaproxyProcess implements AutoCloseable {
    private static final Path SOURCES = Path.of("deploy", "haproxy");
    private static final String CHECKS = "inter 1s fastinter 300ms downinter 500ms";

    final int write = FreePort.next();
    final int read = FreePort.next();
    final int stats = FreePort.next();

    private final Path home;
    private final Map<String, String> environment = new HashMap<>();
    private final Set<String> healthy = ConcurrentHashMap.newKeySet();
    private final List<HttpServer> agents = new ArrayList<>();
    private Process process;

    /**
     * @param checks what stands for the checks' times in the configuration; empty: as it is
     */
    HaproxyProcess(LoneServer n1, LoneServer n2, String checks) throws IOException {
        home = Files.createTempDirectory(Path.of("/tmp"), "kumki-haproxy-");
        var text = Files.readString(SOURCES.resolve("haproxy.cfg"), UTF_8);
        text = checks.isEmpty() ? text : text.replace(CHECKS, checks);
        Files.writeString(home.resolve("haproxy.cfg"), text, UTF_8);
        environment.put("N1_ADDRESS", n1.target().address().toString());
        environment.put("N2_ADDRESS", n2.target().address().toString());
        environment.put("N3_ADDRESS", "127.0.0.1:" + FreePort.next());
        environment.put("N1_AGENT", agent("n1"));
        environment.put("N2_AGENT", agent("n2"));
        environment.put("N3_AGENT", agent("n3"));
        environment.put("KUMKI_WRITE", "127.0.0.1:" + write);
        environment.put("KUMKI_READ", "127.0.0.1:" + read);
        environment.put("KUMKI_STATS", "127.0.0.1:" + stats);
        environment.put("KUMKI_SOCKET", home.resolve("socket").toString());
        environment.put("KUMKI_LUA", SOURCES.resolve("kumki.lua").toAbsolutePath().toString());
        environment.put("KUMKI_RUN", home.toString());
    }

    /** Answers the checks of one node. */
    private String agent(String node) throws IOException {
        var server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    var asked = exchange.getRequestURI().getPath() + "/" + node;
                    exchange.sendResponseHeaders(healthy.contains(asked) ? 200 : 503, -1);
                    exchange.close();
                });
        server.start();
        agents.add(server);
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    HaproxyProcess with(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** What HAProxy says of the configuration; fails unless it accepts it. */
    String check() {
        try {
            var builder = new ProcessBuilder("haproxy", "-c", "-f", "haproxy.cfg");
            builder.directory(home.toFile()).environment().putAll(environment);
            var checking = builder.redirectErrorStream(true).start();
            var text = new String(checking.getInputStream().readAllBytes(), UTF_8);
            if (checking.waitFor() != 0) {
                throw new IllegalStateException(text);
            }
            return text;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    HaproxyProcess start() {
        process = launch(List.of("haproxy", "-f", "haproxy.cfg"));
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(this::answers);
        return this;
    }

    /** As systemd does it: a new process takes over, the old one ends with its last session. */
    Process reload() {
        var old = process;
        process = launch(List.of("haproxy", "-f", "haproxy.cfg", "-sf", "" + old.pid()));
        return old;
    }

    private Process launch(List<String> words) {
        try {
            var builder = new ProcessBuilder(words);
            builder.directory(home.toFile()).environment().putAll(environment);
            var log = ProcessBuilder.Redirect.appendTo(home.resolve("log").toFile());
            return builder.redirectErrorStream(true).redirectOutput(log).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean answers() {
        try (var socket = new java.net.Socket("127.0.0.1", stats)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    void end() {
        try {
            process.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    String socket() {
        return environment.get("KUMKI_SOCKET").replaceFirst("^ipv4@", "");
    }

    /** Only these answer 200: "/primary/n1", "/replica/n2". */
    void healthy(String... paths) {
        healthy.addAll(Set.of(paths));
        healthy.retainAll(Set.of(paths));
    }

    @Override
    public void close() {
        end();
        agents.forEach(a -> a.stop(0));
        LoneServer.delete(home);
    }
}
