package io.kumki.api;

import static io.kumki.api.StatusResource.json;

import com.fasterxml.jackson.databind.JsonNode;
import io.kumki.core.model.NodeId;
import io.kumki.wire.Json;
import io.smallrye.common.annotation.NonBlocking;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** What operators may ask for; all of it needs the token. */
@NonBlocking
@NeedsToken
@Path("/api/v1")
@Consumes(MediaType.WILDCARD)
public final class OperatorResource {
    private static final Logger LOG = Logger.getLogger(OperatorResource.class);

    private final Operator operator;

    public OperatorResource(Operator operator) {
        this.operator = operator;
    }

    /**
     * @param body empty, or {@code {"to":"n2"}}; {@code "force":true} overrides concerns
     */
    @POST
    @Path("/switchover")
    public Uni<Response> switchover(String body) {
        return answered("switchover", () -> operator.switchover(target(body), forced(body)));
    }

    @DELETE
    @Path("/switchover")
    public Uni<Response> abortSwitchover() {
        return answered("abort", operator::abortSwitchover);
    }

    /**
     * @param body {@code {"to":"n2"}}
     */
    @POST
    @Path("/failover")
    public Uni<Response> failover(String body) {
        return answered(
                "failover",
                () ->
                        operator.failover(
                                target(body)
                                        .orElseThrow(
                                                () ->
                                                        new IllegalArgumentException(
                                                                "failover needs a body like"
                                                                        + " {\"to\":\"n2\"}, got"
                                                                        + " none"))));
    }

    @POST
    @Path("/pause")
    public Uni<Response> pause() {
        return answered("pause", operator::pause);
    }

    @POST
    @Path("/resume")
    public Uni<Response> resume() {
        return answered("resume", operator::resume);
    }

    @POST
    @Path("/readmit")
    public Uni<Response> readmit() {
        return answered("readmit", operator::readmit);
    }

    static Optional<NodeId> target(String body) {
        if (body == null || body.isBlank()) {
            return Optional.empty();
        }
        var to = Json.read(body, JsonNode.class).path("to");
        return to.asText("").isEmpty() ? Optional.empty() : Optional.of(new NodeId(to.asText()));
    }

    private static boolean forced(String body) {
        return body != null
                && !body.isBlank()
                && Json.read(body, JsonNode.class).path("force").asBoolean();
    }

    private static Uni<Response> answered(String wish, Supplier<Uni<String>> call) {
        return Uni.createFrom()
                .deferred(call::get)
                .map(message -> json(200, Map.of("message", message)))
                .onFailure()
                .recoverWithItem(failure -> refused(wish, failure))
                .invoke(r -> LOG.infof("operator wish=%s status=%d", wish, r.getStatus()));
    }

    private static Response refused(String wish, Throwable failure) {
        return switch (failure) {
            case RefusedException refusal -> message(409, refusal);
            case NoMajorityException silence -> message(503, silence);
            case IllegalArgumentException nonsense -> message(400, nonsense);
            default -> {
                LOG.errorf(failure, "operator wish=%s failed", wish);
                yield json(
                        500,
                        Map.of(
                                "message",
                                wish + " failed by a bug; see the agent's log: " + failure));
            }
        };
    }

    private static Response message(int status, Throwable failure) {
        return json(status, Map.of("message", String.valueOf(failure.getMessage())));
    }
}
