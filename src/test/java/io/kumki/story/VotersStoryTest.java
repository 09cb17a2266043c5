package io.kumki.story;

import io.kumki.sim.Story;
import org.junit.jupiter.api.Test;

/** `peers` was edited: what may be gone by, and what must not. */
class VotersStoryTest {
    @Test
    void fiveVotersCutToThreeReadNoOldRegister() {
        Story.async("anna", "bert", "carl", "dora", "emil")
                .cutOffAgent("dora")
                .cutOffAgent("emil")
                .elapse(30_000)
                .expectPrimary("anna")
                .expectCommits()
                .killAgent("carl")
                .killAgent("dora")
                .killAgent("emil")
                .heal()
                .restartAgentWithVoters("carl", "carl", "dora", "emil")
                .restartAgentWithVoters("dora", "carl", "dora", "emil")
                .restartAgentWithVoters("emil", "carl", "dora", "emil")
                .elapse(60_000)
                .expectNoLead("carl")
                .expectNoLead("dora")
                .expectNoLead("emil")
                .expectVotes("bert", true);
    }

    @Test
    void oneVoterLessIsGoneByOnceAllNameTheNewSet() {
        Story.of("anna", "bert", "carl", "dora", "emil")
                .expectVoters("anna", "anna", "bert", "carl", "dora", "emil")
                .powerOff("emil")
                .restartAgentWithVoters("bert", "anna", "bert", "carl", "dora")
                .restartAgentWithVoters("carl", "anna", "bert", "carl", "dora")
                .restartAgentWithVoters("dora", "anna", "bert", "carl", "dora")
                .restartAgentWithVoters("anna", "anna", "bert", "carl", "dora")
                .elapse(30_000)
                .expectOneOf("anna", "bert", "carl", "dora")
                .expectCommits()
                .expectVoters("bert", "anna", "bert", "carl", "dora");
    }
}
