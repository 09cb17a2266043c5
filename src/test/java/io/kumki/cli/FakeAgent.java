package io.kumki.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A real HTTP server with prepared answers; the last one of a path stays. */
final class FakeAgent implements AutoCloseable {
    private record Answer(int status, String body) {}

    private final Map<String, List<Answer>> answers = new ConcurrentHashMap<>();
    private final HttpServer server;

    /** METHOD path authorization body. */
    final List<String> heard = new CopyOnWriteArrayList<>();

    FakeAgent() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    FakeAgent says(String path, int status, String body) {
        answers.computeIfAbsent(path, p -> new CopyOnWriteArrayList<>())
                .add(new Answer(status, body));
        return this;
    }

    String address() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        var path = exchange.getRequestURI().getPath();
        heard.add(
                "%s %s %s %s"
                        .formatted(
                                exchange.getRequestMethod(),
                                path,
                                exchange.getRequestHeaders().getFirst("Authorization"),
                                body));
        var prepared = answers.getOrDefault(path, List.of(new Answer(404, "")));
        var answer = prepared.size() > 1 ? prepared.remove(0) : prepared.get(0);
        var bytes = answer.body().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
