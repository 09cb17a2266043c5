package io.kumki.api;

import io.kumki.wire.Json;
import io.smallrye.common.annotation.NonBlocking;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HEAD;
import jakarta.ws.rs.OPTIONS;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Paths for load balancers and probes: 200 or 503, as Patroni's users know them. */
@NonBlocking
@Path("/{check:" + BalancerResource.CHECKS + "}")
public final class BalancerResource {
    static final String CHECKS =
            "primary|read-write|leader|replica|read-only|synchronous|sync|asynchronous|async"
                    + "|health|liveness|readiness";

    private final Pulse pulse;
    private final LagWatch lags;

    public BalancerResource(Pulse pulse, LagWatch lags) {
        this.pulse = pulse;
        this.lags = lags;
    }

    /**
     * @param lag see {@link LagLimit#parse}
     */
    @GET
    public Response get(
            @PathParam("check") String check,
            @QueryParam("lag") Optional<String> lag,
            @Context UriInfo uri) {
        return answer(check, lag, uri);
    }

    @HEAD
    public Response head(
            @PathParam("check") String check,
            @QueryParam("lag") Optional<String> lag,
            @Context UriInfo uri) {
        return Response.status(answer(check, lag, uri).getStatus()).build();
    }

    @OPTIONS
    public Response options(
            @PathParam("check") String check,
            @QueryParam("lag") Optional<String> lag,
            @Context UriInfo uri) {
        return head(check, lag, uri);
    }

    private Response answer(String check, Optional<String> lag, UriInfo uri) {
        try {
            refuseOthers(uri.getQueryParameters().keySet());
            var limit = lag.map(LagLimit::parse).orElse(LagLimit.NONE);
            lags.note(limit);
            var answer = check(pulse.vitals(), check, limit);
            return json(
                    answer.up() ? 200 : 503,
                    Map.of("role", answer.role(), "reason", answer.reason()));
        } catch (IllegalArgumentException e) {
            return json(400, Map.of("message", e.getMessage()));
        }
    }

    /** A filter that is asked for and not kept would send clients to the wrong server. */
    static void refuseOthers(Set<String> parameters) {
        var others = parameters.stream().filter(name -> !name.equals("lag")).sorted().toList();
        if (!others.isEmpty()) {
            throw new IllegalArgumentException(
                    "unknown query parameter %s; expected lag, or none"
                            .formatted(Order.printable(String.join(", ", others))));
        }
    }

    static Vitals.Answer check(Vitals vitals, String check, LagLimit limit) {
        return switch (check) {
            case "primary", "read-write", "leader" -> vitals.primary();
            case "replica" -> vitals.replica(limit);
            case "read-only" -> vitals.readOnly(limit);
            case "sync", "synchronous" -> vitals.sync();
            case "async", "asynchronous" -> vitals.async(limit);
            case "health" -> vitals.health();
            case "liveness" -> vitals.liveness();
            case "readiness" -> vitals.readiness(limit);
            default -> throw new IllegalArgumentException("no such check: " + check);
        };
    }

    private static Response json(int status, Map<String, String> body) {
        return Response.status(status)
                .type(MediaType.APPLICATION_JSON_TYPE)
                .entity(Json.write(body))
                .build();
    }
}
