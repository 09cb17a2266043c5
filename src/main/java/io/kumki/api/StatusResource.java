package io.kumki.api;

import io.kumki.agent.Snapshot;
import io.kumki.agent.StatusBoard;
import io.kumki.wire.Json;
import io.smallrye.common.annotation.NonBlocking;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** What there is to look at, for programs. Needs no token: nothing here is secret. */
@NonBlocking
@Path("/api/v1")
public final class StatusResource {
    private final StatusBoard board;

    public StatusResource(StatusBoard board) {
        this.board = board;
    }

    @GET
    @Path("/cluster")
    public Response cluster() {
        return ofLast(ClusterView::of);
    }

    @GET
    @Path("/node")
    public Response node() {
        return ofLast(NodeDetail::of);
    }

    /** What must be equal on all nodes. */
    @GET
    @Path("/config")
    public Response config() {
        return ofLast(ConfigView::of);
    }

    /** Where this agent leads clients. */
    @GET
    @Path("/routes")
    public Response routes() {
        return ofLast(RoutesView::of);
    }

    /** Changes of the leader, newest first. */
    @GET
    @Path("/history")
    public Response history() {
        return ofLast(
                snapshot ->
                        snapshot.view()
                                .register()
                                .map(r -> newestFirst(r.history()))
                                .orElse(List.of()));
    }

    /** This agent's decisions, newest first; one entry for a row of equal rules. */
    @GET
    @Path("/decisions")
    public Response decisions() {
        return json(200, newestFirst(board.decisions().entries()));
    }

    private Response ofLast(Function<Snapshot, Object> show) {
        return board.last()
                .map(snapshot -> json(200, show.apply(snapshot)))
                .orElseGet(
                        () ->
                                json(
                                        503,
                                        Map.of(
                                                "message",
                                                "no tick has ended yet; ask again in a second")));
    }

    private static <T> List<T> newestFirst(List<T> oldestFirst) {
        return oldestFirst.reversed();
    }

    static Response json(int status, Object body) {
        return Response.status(status)
                .type(MediaType.APPLICATION_JSON_TYPE)
                .entity(Json.write(body))
                .build();
    }
}
