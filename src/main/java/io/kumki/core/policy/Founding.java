package io.kumki.core.policy;

import static io.kumki.core.policy.Policy.hold;

import io.kumki.core.model.Action.Found;
import io.kumki.core.model.Decision;
import io.kumki.core.model.Episode.Cause;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Peer;
import io.kumki.core.model.Rule;
import io.kumki.core.model.View;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** The register is blank: a new cluster, or one that ran without Kumki. */
final class Founding {
    private Founding() {}

    static Decision decide(View view) {
        var unheard = new TreeSet<>(view.members());
        view.peers().forEach(p -> unheard.remove(p.node()));
        if (!unheard.isEmpty()) {
            return hold(Rule.B11_MISSING_MEMBERS, "not heard yet: " + unheard);
        }
        var servers = servers(view);
        var identities = new TreeMap<String, NodeId>();
        servers.forEach((n, s) -> s.systemIdentifier().ifPresent(id -> identities.put(id, n)));
        if (identities.size() > 1) {
            return hold(Rule.B12_FOREIGN, "system identifiers differ: " + identities);
        }
        for (var server : servers.entrySet()) {
            if (server.getValue() instanceof LocalServer.Starting
                    || server.getValue() instanceof LocalServer.Unreachable) {
                return hold(
                        Rule.B11_MISSING_MEMBERS,
                        server.getKey() + "'s server does not answer yet");
            }
        }
        return found(view, servers);
    }

    private static Map<NodeId, LocalServer> servers(View view) {
        var servers = new TreeMap<NodeId, LocalServer>();
        servers.put(view.self(), view.local().server());
        view.peers().stream()
                .filter(p -> !p.witness())
                .forEach((Peer p) -> servers.put(p.node(), p.server()));
        return servers;
    }

    private static Decision found(View view, Map<NodeId, LocalServer> servers) {
        var primaries = new TreeSet<NodeId>();
        var empty = new TreeSet<NodeId>();
        servers.forEach(
                (node, server) -> {
                    if (server instanceof LocalServer.Primary
                            || server instanceof LocalServer.Stopped stopped
                                    && stopped.remains().wasPrimary()) {
                        primaries.add(node);
                    }
                    if (server instanceof LocalServer.Empty) {
                        empty.add(node);
                    }
                });
        if (primaries.size() > 1) {
            return hold(Rule.B14_TWO_PRIMARIES, "a primary's data is on " + primaries);
        }
        if (primaries.contains(view.self())) {
            var id = view.local().server().systemIdentifier().orElse("");
            return new Decision(
                    Rule.B13_ADOPT,
                    new Found(id, Cause.ADOPTION),
                    "the only primary's data is here");
        }
        if (primaries.size() == 1) {
            return hold(Rule.B15_OTHER_FOUNDS, primaries.first() + " has the primary's data");
        }
        if (empty.size() < servers.size()) {
            return hold(Rule.B16_NOTHING_TO_FOUND, "only standbys' data was found");
        }
        return view.settings().bootstrap()
                ? new Decision(
                        Rule.B10_BOOTSTRAP, new Found("", Cause.BOOTSTRAP), "all members are empty")
                : hold(Rule.B15_OTHER_FOUNDS, "this node may not bootstrap");
    }
}
