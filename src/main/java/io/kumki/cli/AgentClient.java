package io.kumki.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.kumki.wire.Json;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import javax.net.ssl.SSLContext;

/** Asks agents over HTTP, one after the other, until one answers. */
final class AgentClient implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(2);

    /** The greeting of TLS counts too. */
    private static final Duration CONNECT_TLS = Duration.ofSeconds(5);

    private static final Duration READ = Duration.ofSeconds(3);
    private static final Duration WRITE = Duration.ofSeconds(15);

    private final List<Endpoint> agents;
    private final TokenSource token;
    private final HttpClient http;

    /** Read only if it is needed. */
    @FunctionalInterface
    interface TokenSource {
        String get() throws Failure;
    }

    /**
     * @param tls empty: whom the system trusts
     */
    AgentClient(List<Endpoint> agents, Optional<SSLContext> tls, TokenSource token) {
        this.agents = List.copyOf(agents);
        this.token = token;
        var builder =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(tls.isPresent() ? CONNECT_TLS : CONNECT);
        tls.ifPresent(builder::sslContext);
        this.http = builder.build();
    }

    /** The JSON that the first agent to answer gives. */
    String get(String path) throws Failure {
        var troubles = new StringJoiner("; ");
        for (var agent : agents) {
            try {
                var answer = send(request(agent, path).timeout(READ).GET().build());
                if (answer.statusCode() == 200) {
                    return answer.body();
                }
                troubles.add(agent + " answers " + answer.statusCode() + ": " + message(answer));
            } catch (IOException e) {
                troubles.add(trouble(agent, e));
            }
        }
        throw unreachable(troubles);
    }

    <T> T get(String path, Class<T> type) throws Failure {
        try {
            return Json.read(get(path), type);
        } catch (IllegalArgumentException e) {
            throw new Failure(
                    Failure.REFUSED,
                    "the answer to %s can't be read: %s. Is it a Kumki agent of this version?"
                            .formatted(path, e.getMessage()));
        }
    }

    /**
     * Asks for a change. Another agent is tried where this one could not be connected to or has no
     * majority; in the second case the wish may still be noted, so it must bear to be repeated.
     *
     * @return the agent's sentence
     */
    String post(String path, String body) throws Failure {
        return ask("POST", path, body);
    }

    /** Takes a wish back; as {@link #post}. */
    String delete(String path) throws Failure {
        return ask("DELETE", path, "");
    }

    private String ask(String method, String path, String body) throws Failure {
        var secret = token.get();
        var troubles = new StringJoiner("; ");
        boolean answered = false;
        for (var agent : agents) {
            var request =
                    request(agent, path)
                            .timeout(WRITE)
                            .header("Authorization", "Bearer " + secret)
                            .header("Content-Type", "application/json")
                            .method(method, BodyPublishers.ofString(body))
                            .build();
            try {
                var answer = send(request);
                if (answer.statusCode() != 503) {
                    return settled(agent, answer);
                }
                answered = true;
                troubles.add(agent + ": " + message(answer));
            } catch (ConnectException | HttpConnectTimeoutException e) {
                troubles.add(trouble(agent, e));
            } catch (IOException e) {
                throw new Failure(
                        Failure.REFUSED,
                        trouble(agent, e)
                                + " after the wish was sent, so it may have been done."
                                + " Look with `kumki status` before asking again.");
            }
        }
        throw answered
                ? new Failure(
                        Failure.REFUSED,
                        "not done, as far as is known: " + troubles + ". Look with `kumki status`.")
                : unreachable(troubles);
    }

    private static String settled(Endpoint agent, HttpResponse<String> answer) throws Failure {
        return switch (answer.statusCode()) {
            case 200 -> message(answer);
            case 401, 403 ->
                    throw new Failure(
                            Failure.NO_PERMISSION,
                            agent + " refuses the token: " + message(answer));
            default -> throw new Failure(Failure.REFUSED, message(answer));
        };
    }

    private HttpResponse<String> send(HttpRequest request) throws IOException, Failure {
        try {
            return http.send(request, BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(Failure.REFUSED, "interrupted");
        }
    }

    private static HttpRequest.Builder request(Endpoint agent, String path) {
        return HttpRequest.newBuilder(URI.create(agent.url() + path));
    }

    private static String trouble(Endpoint agent, IOException e) {
        var text = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        var what = e instanceof ConnectException ? "no connection" : text;
        return "%s: %s".formatted(agent, unknownHost(e) ? "no such host" : what) + agent.hint(e);
    }

    /** The client wraps it, once or twice. */
    private static boolean unknownHost(Throwable failure) {
        return failure instanceof UnresolvedAddressException
                || (failure.getCause() != null && unknownHost(failure.getCause()));
    }

    private static Failure unreachable(StringJoiner troubles) {
        return new Failure(
                Failure.UNREACHABLE,
                "no agent answered ("
                        + troubles
                        + "). Nothing was done. Start an agent, or name others with --api"
                        + " HOST:PORT,HOST:PORT.");
    }

    private static String message(HttpResponse<String> answer) {
        try {
            var node = Json.read(answer.body(), JsonNode.class);
            return node.path("message").asText(answer.body());
        } catch (IllegalArgumentException e) {
            return answer.body().isBlank() ? "status " + answer.statusCode() : answer.body();
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
