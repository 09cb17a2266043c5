package io.kumki.boot;

import io.kumki.adapter.register.Voter;
import io.kumki.agent.Report;
import io.kumki.agent.Snapshot;
import io.kumki.agent.port.Publisher;
import io.kumki.core.consensus.Formation;
import io.kumki.core.model.NodeId;
import java.util.Set;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** Lets our voter begin, once the reports show that it never began before. */
final class Former implements Publisher {
    private static final Logger LOG = Logger.getLogger(Former.class);

    private final Voter voter;
    private final Set<String> others;
    private String told = "";

    Former(Voter voter, Set<NodeId> others) {
        this.voter = voter;
        this.others = others.stream().map(NodeId::name).collect(Collectors.toSet());
    }

    @Override
    public void publish(Snapshot snapshot) {
        var own = voter.report();
        if (own.votes()) {
            return;
        }
        var answers =
                snapshot.reports().stream()
                        .filter(r -> others.contains(r.node().name()))
                        .collect(Collectors.toMap(r -> r.node().name(), Former::toVoter));
        var verdict = Formation.judge(own.standing(), others, answers);
        if (!verdict.reason().equals(told)) {
            told = verdict.reason();
            LOG.infof("voter standing=%s because=\"%s\"", own.standing(), told);
        }
        voter.follow(verdict);
    }

    private static Formation.Voter toVoter(Report report) {
        return new Formation.Voter(report.voter().standing(), report.voter().issued());
    }
}
