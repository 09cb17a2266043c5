package io.kumki.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.kumki.core.model.HostPort;
import io.kumki.wire.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/** Calls to the agents' HTTP. */
final class Agents {
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final HttpClient client;
    private final String scheme;
    private final String token;

    Agents(String token) {
        this(token, Optional.empty());
    }

    /**
     * @param tls whom to trust; empty: plain HTTP
     */
    Agents(String token, Optional<SSLContext> tls) {
        var builder =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(PATIENCE)
                        .proxy(HttpClient.Builder.NO_PROXY);
        tls.ifPresent(builder::sslContext);
        this.client = builder.build();
        this.scheme = tls.isPresent() ? "https://" : "http://";
        this.token = token;
    }

    /** Empty if that agent does not answer in time or has nothing to say yet. */
    Optional<JsonNode> read(HostPort api, String path) {
        try {
            var answer = send(request(api, path).GET().build());
            return answer.statusCode() == 200
                    ? Optional.of(Json.MAPPER.readTree(answer.body()))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The status code of a load balancer's check; 0 without an answer. */
    int check(HostPort api, String path) {
        try {
            return send(request(api, path).GET().build()).statusCode();
        } catch (IOException e) {
            return 0;
        }
    }

    /** An operator's call that must succeed. */
    JsonNode operate(HostPort api, String call, String body) {
        try {
            var answer = post(api, call, body, token);
            assertThat(answer.statusCode()).as(call + ": " + answer.body()).isLessThan(300);
            return Json.MAPPER.readTree(answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Takes an operator's wish back, which must succeed. */
    void delete(HostPort api, String call) throws IOException {
        var answer = attemptDelete(api, call);
        assertThat(answer.statusCode()).as(call + ": " + answer.body()).isEqualTo(200);
    }

    HttpResponse<String> attemptDelete(HostPort api, String call) throws IOException {
        return send(
                request(api, "/api/v1/" + call)
                        .timeout(Duration.ofSeconds(10))
                        .header("Authorization", "Bearer " + token)
                        .DELETE()
                        .build());
    }

    HttpResponse<String> post(HostPort api, String call, String body, String withToken)
            throws IOException {
        return send(
                request(api, "/api/v1/" + call)
                        .timeout(Duration.ofSeconds(10))
                        .header("Authorization", "Bearer " + withToken)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build());
    }

    private HttpRequest.Builder request(HostPort api, String path) {
        return HttpRequest.newBuilder(URI.create(scheme + api + path)).timeout(PATIENCE);
    }

    private HttpResponse<String> send(HttpRequest request) throws IOException {
        try {
            return client.send(request, BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
