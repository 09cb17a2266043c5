package io.kumki.core.routing;

import io.kumki.core.model.HostPort;
import io.kumki.core.model.NodeId;

/** One server, and where clients reach it. */
public record Target(NodeId node, HostPort address) {
    @Override
    public String toString() {
        return node + " at " + address;
    }
}
