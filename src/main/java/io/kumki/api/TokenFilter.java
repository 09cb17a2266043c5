package io.kumki.api;

import io.kumki.wire.Json;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.Provider;
import java.util.Map;
import java.util.Objects;

/** Refuses callers without the token, before anything of the call is looked at. */
@Provider
@NeedsToken
public final class TokenFilter implements ContainerRequestFilter {
    /** Asked for at the first call: filters are made before there is a configuration. */
    private final Instance<Token> token;

    public TokenFilter(Instance<Token> token) {
        this.token = token;
    }

    @Override
    public void filter(ContainerRequestContext request) {
        var header = request.getHeaderString(HttpHeaders.AUTHORIZATION);
        if (!token.get().isShownBy(Objects.requireNonNullElse(header, ""))) {
            request.abortWith(refusal(header == null));
        }
    }

    private static Response refusal(boolean missing) {
        var found = missing ? "no Authorization header came" : "the token that came is another one";
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
}
