package io.kumki.api;

import io.kumki.wire.Json;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * Refuses callers without the token, before anything of the call is looked at. Who is refused again
 * and again waits for it, and the log says who it was; the token that came is told to nobody.
 */
@Singleton
public final class TokenFilter {
    private static final Logger LOG = Logger.getLogger(TokenFilter.class);

    /** Asked for at the first call: filters are made before there is a configuration. */
    private final Instance<Token> token;

    private final Refusals refusals = new Refusals();

    public TokenFilter(Instance<Token> token, MeterRegistry meters) {
        this.token = token;
        FunctionCounter.builder("kumki.token.refused", refusals, Refusals::total)
                .description("calls without the token or with another one")
                .register(meters);
    }

    /** Nothing: go on. */
    @NeedsToken
    @ServerRequestFilter
    public Uni<Response> filter(HttpServerRequest request) {
        var header = request.getHeader(HttpHeaders.AUTHORIZATION);
        if (token.get().isShownBy(Objects.requireNonNullElse(header, ""))) {
            return Uni.createFrom().nullItem();
        }
        var address = Caller.address(request);
        var answer = refusals.refuse(address, TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
        var found = header == null ? "no Authorization header came" : "another token came";
        answer.times().ifPresent(times -> log(request, address, found, times));
        if (answer.busy()) {
            return Uni.createFrom().item(busy());
        }
        var refusal = Uni.createFrom().item(refusal(found));
        return answer.delay() == 0
                ? refusal
                : refusal.onItem()
                        .delayIt()
                        .by(Duration.ofMillis(answer.delay()))
                        .onTermination()
                        .invoke(() -> refusals.answered(address));
    }

    private static void log(HttpServerRequest request, String address, String found, long times) {
        LOG.warnf(
                "refused caller=%s call=\"%s %s\" because=\"%s\" times=%d",
                Caller.of(request).equals(address)
                        ? address
                        : address + " (says it is " + Caller.of(request) + ")",
                request.method(),
                Order.printable(Objects.requireNonNullElse(request.path(), "")),
                found,
                times);
    }

    private static Response refusal(String found) {
        var hint =
                found
                        + "; `Authorization: Bearer TOKEN` is needed, with the text of the agent's"
                        + " token file. Nothing was done.";
        return Response.status(Response.Status.UNAUTHORIZED)
                .header(HttpHeaders.WWW_AUTHENTICATE, "Bearer realm=\"kumki\"")
                .type(MediaType.APPLICATION_JSON_TYPE)
                .entity(Json.write(Map.of("message", hint)))
                .build();
    }

    private static Response busy() {
        return Response.status(429)
                .header(HttpHeaders.RETRY_AFTER, "5")
                .type(MediaType.APPLICATION_JSON_TYPE)
                .entity(
                        Json.write(
                                Map.of(
                                        "message",
                                        "too many calls with a wrong token came from this address."
                                                + " Nothing was done; correct the token, then try"
                                                + " again")))
                .build();
    }
}
