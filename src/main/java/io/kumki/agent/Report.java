package io.kumki.agent;

import io.kumki.core.consensus.Ballot;
import io.kumki.core.consensus.Standing;
import io.kumki.core.model.Agreed;
import io.kumki.core.model.Handover;
import io.kumki.core.model.HostPort;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.Mode;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Peer;
import io.kumki.core.model.Runner;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What an agent tells its peers at each tick.
 *
 * @param incarnation random at each start of the agent: tells two agents of one name apart
 * @param tick counts up in one incarnation: an answer may carry an older view than a report that
 *     came before it
 * @param voters as configured there; agents that disagree refuse each other
 * @param address where its server listens for others
 * @param voter its acceptor's state: reading the register costs no further message
 * @param configured what its own file says; empty from a version that does not tell
 */
public record Report(
        String cluster,
        NodeId node,
        String incarnation,
        long tick,
        Set<NodeId> voters,
        Body body,
        Voter voter,
        Verdict verdict,
        Optional<Configured> configured) {

    /** What it has and sees. */
    public record Body(
            boolean witness,
            HostPort address,
            Peer.Standing standing,
            LocalServer server,
            Runner runner,
            Handover handover) {}

    /**
     * @param standing of its acceptor
     * @param votes false while it abstains
     * @param reason why it does not vote; empty if it does
     * @param issued the highest ballot counter that its process has issued
     * @param ballot of the accepted value
     * @param value the accepted value; empty for a blank register
     * @param age milliseconds since it first accepted this renewal; -1 if never
     */
    public record Voter(
            Standing standing,
            boolean votes,
            String reason,
            long issued,
            Ballot ballot,
            String value,
            long age) {}

    /**
     * What should be equal on all nodes, as its own file has it. The register's word counts.
     *
     * @param ttl milliseconds
     * @param look milliseconds that `tick` and `poll-timeout` take together: the ttl must be longer
     */
    public record Configured(long ttl, Mode mode, long look) {}

    /** Its last decision. */
    public record Verdict(String rule, String because) {}

    /** Where its own file says something else than the cluster agreed on, for people. */
    public List<String> differences(Agreed agreed) {
        var found = new ArrayList<String>();
        configured.ifPresent(
                file -> {
                    if (file.ttl() != agreed.ttl()) {
                        found.add(
                                "its file says ttl=%s, %s is agreed on"
                                        .formatted(
                                                Agreed.duration(file.ttl()),
                                                Agreed.duration(agreed.ttl())));
                    }
                    if (file.mode() != agreed.mode()) {
                        found.add(
                                "its file says mode=%s, %s is agreed on"
                                        .formatted(file.mode().word(), agreed.mode().word()));
                    }
                });
        if (!agreed.voters().equals(voters)) {
            found.add(
                    "its file names the voters %s, %s is agreed on"
                            .formatted(new TreeSet<>(voters), agreed.voters()));
        }
        return found;
    }

    /** This view with another state of the voter. */
    public Report with(Voter other) {
        return new Report(
                cluster, node, incarnation, tick, voters, body, other, verdict, configured);
    }

    public Peer toPeer() {
        return new Peer(
                node,
                body.witness(),
                body.address(),
                body.standing(),
                body.server(),
                body.runner(),
                body.handover());
    }
}
