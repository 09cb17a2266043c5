package io.kumki.adapter.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.agent.Report;
import io.kumki.core.consensus.Ballot;
import io.kumki.core.consensus.Standing;
import io.kumki.core.model.Handover;
import io.kumki.core.model.HostPort;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Peer;
import io.kumki.core.model.Runner;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Reports and answers cross on their way. */
class NotedTest {
    private static final LocalServer STARTING = new LocalServer.Starting(9);
    private static final LocalServer EMPTY = new LocalServer.Empty();

    private static Noted heard(
            String incarnation, long tick, LocalServer server, long ballot, long at) {
        var node = new NodeId("bert");
        return new Noted(
                new Report(
                        "demo",
                        node,
                        incarnation,
                        tick,
                        Set.of(node),
                        new Report.Body(
                                false,
                                new HostPort("bert", 5432),
                                new Peer.Standing(100, false),
                                server,
                                Runner.UNHEARD,
                                Handover.NONE),
                        new Report.Voter(
                                Standing.VOTING, true, "", 1, new Ballot(ballot, "bert"), "", 0),
                        new Report.Verdict("", ""),
                        Optional.empty()),
                at);
    }

    @Test
    void anAnswerOfTheTickBeforeDoesNotReplaceAReportOfThisOne() {
        var report = heard("a", 7, STARTING, 3, 100);
        var both = report.after(heard("a", 6, EMPTY, 4, 200));

        assertThat(both.report().body().server()).isEqualTo(STARTING);
        assertThat(both.report().tick()).isEqualTo(7);
        assertThat(both.report().voter().ballot()).isEqualTo(new Ballot(4, "bert"));
        assertThat(both.at()).isEqualTo(200);
    }

    @Test
    void aVotersOlderStateDoesNotReplaceANewerOne() {
        var both = heard("a", 7, STARTING, 5, 100).after(heard("a", 8, EMPTY, 4, 200));

        assertThat(both.report().body().server()).isEqualTo(EMPTY);
        assertThat(both.report().voter().ballot()).isEqualTo(new Ballot(5, "bert"));
    }

    @Test
    void anAgentThatHasRestartedCountsFromTheBeginning() {
        var restarted = heard("b", 1, EMPTY, 1, 200);

        assertThat(heard("a", 700, STARTING, 9, 100).after(restarted)).isEqualTo(restarted);
    }
}
