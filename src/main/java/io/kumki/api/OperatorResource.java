package io.kumki.api;

import static io.kumki.api.StatusResource.json;

import io.kumki.core.model.NodeId;
import io.smallrye.common.annotation.NonBlocking;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
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
    public Uni<Response> switchover(
            String body, @Context UriInfo uri, @Context HttpServerRequest request) {
        return answered(
                call("switchover", body, uri, request, "to", "force", "reason"),
                order ->
                        order.node("to").map(to -> " target=" + to).orElse(" target=best")
                                + " force="
                                + order.flag("force"),
                (order, by) -> operator.switchover(order.node("to"), order.flag("force"), by));
    }

    @DELETE
    @Path("/switchover")
    public Uni<Response> abortSwitchover(
            String body, @Context UriInfo uri, @Context HttpServerRequest request) {
        return plain(call("abort", body, uri, request, "reason"), operator::abortSwitchover);
    }

    /**
     * @param body {@code {"to":"n2"}}
     */
    @POST
    @Path("/failover")
    public Uni<Response> failover(
            String body, @Context UriInfo uri, @Context HttpServerRequest request) {
        return answered(
                call("failover", body, uri, request, "to", "reason"),
                order -> " target=" + named(order),
                (order, by) -> operator.failover(named(order)));
    }

    private static NodeId named(Order order) {
        return order.node("to")
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "failover needs a body like {\"to\":\"n2\"}, got none."
                                                + " Nothing was done"));
    }

    @POST
    @Path("/pause")
    public Uni<Response> pause(
            String body, @Context UriInfo uri, @Context HttpServerRequest request) {
        return plain(call("pause", body, uri, request, "reason"), operator::pause);
    }

    @POST
    @Path("/resume")
    public Uni<Response> resume(
            String body, @Context UriInfo uri, @Context HttpServerRequest request) {
        return plain(call("resume", body, uri, request, "reason"), operator::resume);
    }

    /**
     * @param body {@code {"ttl":"5s","mode":"sync"}}, or one of them
     */
    @POST
    @Path("/config")
    public Uni<Response> configure(
            String body, @Context UriInfo uri, @Context HttpServerRequest request) {
        return answered(
                call("config", body, uri, request, "ttl", "mode", "reason"),
                order -> ConfigWish.of(order).words(),
                (order, by) -> {
                    var wish = ConfigWish.of(order);
                    return operator.configure(wish.ttl(), wish.mode());
                });
    }

    @POST
    @Path("/readmit")
    public Uni<Response> readmit(
            String body, @Context UriInfo uri, @Context HttpServerRequest request) {
        return plain(call("readmit", body, uri, request, "reason"), operator::readmit);
    }

    /** What is asked for, as it came. */
    private record Call(
            String wish, String body, Set<String> parameters, String caller, List<String> fields) {}

    private static Call call(
            String wish, String body, UriInfo uri, HttpServerRequest request, String... fields) {
        return new Call(
                wish, body, uri.getQueryParameters().keySet(), Caller.of(request), List.of(fields));
    }

    /** A wish that has nothing of its own. */
    private static Uni<Response> plain(Call call, Supplier<Uni<String>> act) {
        return answered(call, order -> "", (order, by) -> act.get());
    }

    /**
     * @param detail for the log, what a wish of this kind has of its own
     * @param act gets the order, and who gave it and why
     */
    private static Uni<Response> answered(
            Call call, Function<Order, String> detail, BiFunction<Order, Asked, Uni<String>> act) {
        var told = new StringBuilder("operator wish=" + call.wish() + " caller=" + call.caller());
        return Uni.createFrom()
                .deferred(
                        () -> {
                            var order = Order.read(call.body(), call.parameters(), call.fields());
                            var reason = order.reason();
                            told.append(detail.apply(order));
                            told.append(reason.isEmpty() ? "" : " reason=\"" + reason + '"');
                            return act.apply(order, new Asked(call.caller(), reason));
                        })
                .map(message -> json(200, Map.of("message", message)))
                .onFailure()
                .recoverWithItem(failure -> refused(call.wish(), failure))
                .invoke(
                        r ->
                                LOG.infof(
                                        "%s status=%d answer=%s",
                                        told, r.getStatus(), r.getEntity()));
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
