package io.kumki.core.policy;

import io.kumki.core.model.Action.Agree;
import io.kumki.core.model.Agreed;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Decision;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Peer;
import io.kumki.core.model.Rule;
import io.kumki.core.model.View;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Keeps what must be equal on all nodes in the register, while leading. */
final class Agreement {
    private Agreement() {}

    static Optional<Decision> judge(View view, ClusterRecord record) {
        var voters = new TreeSet<>(view.members());
        voters.add(view.self());
        if (record.agreed().isEmpty()) {
            var first = new Agreed(view.settings().timing().ttl(), record.safety().mode(), voters);
            return Optional.of(
                    new Decision(Rule.L11_AGREE, new Agree(first), "nothing is agreed on yet"));
        }
        var agreed = record.agreed().get();
        return agreed.voters().equals(voters) || !allHeard(view)
                ? Optional.empty()
                : Optional.of(
                        new Decision(
                                Rule.L11_AGREE,
                                new Agree(agreed.with(voters)),
                                "all of %s name each other as voters, the register names %s"
                                        .formatted(voters, agreed.voters())));
    }

    /**
     * Agents whose `peers` differ refuse each other's reports, so all who are heard name the same.
     * One that is silent may still count itself among the old voters.
     */
    private static boolean allHeard(View view) {
        Set<NodeId> heard = view.peers().stream().map(Peer::node).collect(Collectors.toSet());
        return heard.containsAll(view.members());
    }
}
