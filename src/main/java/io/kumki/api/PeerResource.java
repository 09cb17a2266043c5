package io.kumki.api;

import io.kumki.agent.Report;
import io.kumki.core.consensus.Message;
import io.kumki.core.consensus.Reply;
import io.kumki.wire.Json;
import io.smallrye.common.annotation.NonBlocking;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/** The agents' own channel: reports both ways, and the register's messages. */
@Path("/peer/v1")
@NeedsToken
@NeedsCertificate
@Consumes(MediaType.APPLICATION_JSON)
@Produces(MediaType.APPLICATION_JSON)
public final class PeerResource {
    private final PeerCalls calls;

    public PeerResource(PeerCalls calls) {
        this.calls = calls;
    }

    /** Takes a peer's report and answers with ours: 409 says why the peer is refused. */
    @POST
    @Path("/report")
    @NonBlocking
    public Response report(String body) {
        try {
            var complaint = calls.complaint(Json.read(body, Report.class));
            if (complaint.isPresent()) {
                return Response.status(Response.Status.CONFLICT).entity(complaint.get()).build();
            }
        } catch (IllegalArgumentException e) {
            return Response.status(Response.Status.BAD_REQUEST).entity(e.getMessage()).build();
        }
        return calls.report()
                .map(r -> Response.ok(Json.write(r)).build())
                .orElseGet(() -> Response.status(Response.Status.SERVICE_UNAVAILABLE).build());
    }

    /** One message to our voter. Its answer is on disk before it leaves. */
    @POST
    @Path("/register")
    @NonBlocking
    public Uni<Response> register(
            @HeaderParam("Kumki-Agent") @DefaultValue("") String sender,
            @HeaderParam("Kumki-Voters") @DefaultValue("") String voters,
            String body) {
        try {
            return calls.vote(sender, voters, Json.read(body, Message.class))
                    .map(reply -> Response.ok(Json.writeAs(Reply.class, reply)).build())
                    .onFailure(RefusedException.class)
                    .recoverWithItem(
                            refused ->
                                    Response.status(Response.Status.CONFLICT)
                                            .entity(refused.getMessage())
                                            .build());
        } catch (IllegalArgumentException e) {
            return Uni.createFrom()
                    .item(
                            Response.status(Response.Status.BAD_REQUEST)
                                    .entity(e.getMessage())
                                    .build());
        }
    }
}
