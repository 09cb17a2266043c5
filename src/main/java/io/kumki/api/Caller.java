package io.kumki.api;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;

/** Who asks, for the log. What an agent passes on, it passes on with the caller's address. */
public final class Caller {
    /** Set by an agent that passes a wish on to the leader; believed with the token only. */
    public static final String HEADER = "Kumki-Caller";

    private Caller() {}

    /** An address, or "10.0.0.7 via n2". */
    static String of(HttpServerRequest request) {
        var first = request.getHeader(HEADER);
        var agent = request.getHeader("Kumki-Agent");
        if (first == null || agent == null) {
            return address(request);
        }
        return Order.printable(first) + " via " + Order.printable(agent.split("/")[0]);
    }

    static String address(HttpServerRequest request) {
        SocketAddress remote = request.remoteAddress();
        return remote == null ? "unknown" : String.valueOf(remote.hostAddress());
    }
}
