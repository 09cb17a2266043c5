package io.kumki.story;

import io.kumki.sim.Story;
import org.junit.jupiter.api.Test;

/** The dangerous halves: a leader that can't know that it is one no more. */
class FreezeStoryTest {

    @Test
    void theHandStopsAFrozenAgentsPrimaryBeforeAnotherIsPromoted() {
        Story.async("anna", "bert")
                .freezeAgent("anna", 60_000)
                .elapse(4_400)
                .expectNoWriter()
                .elapse(4_600)
                .expectPrimary("bert")
                .elapse(55_000)
                .settle()
                .expectPrimary("bert")
                .expectFollowing("anna", "bert");
    }

    @Test
    void anIsolatedPrimaryStopsWritingBeforeAnotherBegins() {
        Story.of("anna", "bert", "carl")
                .cutOff("anna")
                .elapse(4_400)
                .expectNoWriter()
                .elapse(5_600)
                .expectOneOf("bert", "carl")
                .heal()
                .settle()
                .expectLost(false);
    }

    @Test
    void anIsolatedPrimaryLosesCommitsInAsyncAndSaysHowMany() {
        Story.async("anna", "bert")
                .cutOff("anna")
                .elapse(10_000)
                .expectPrimary("bert")
                .heal()
                .settle()
                .elapse(4_000)
                .expectLost(true)
                .expectRules("bert", "L14-measured")
                .expectMeasuredLoss("bert");
    }

    @Test
    void whileWalArrivesNobodyIsPromoted() {
        Story.async("anna", "bert")
                .fromHere()
                .cutOffAgent("anna")
                .elapse(9_000)
                .expectRules("bert", "C06-wal-arrives", "C10-best")
                .heal()
                .settle();
    }

    @Test
    void aReadyStandbyOfADegradedPrimaryIsNotPromoted() {
        Story.of("anna", "bert")
                .powerOff("bert")
                .elapse(9_000)
                .expectSafe("anna", "anna")
                .powerOff("anna")
                .powerOn("bert")
                .elapse(20_000)
                .expectNoWriter()
                .expectRules("bert", "C04-not-safe")
                .powerOn("anna")
                .settle()
                .expectPrimary("anna")
                .expectLost(false);
    }

    @Test
    void anOperatorMayAcceptTheLoss() {
        Story.of("anna", "bert")
                .powerOff("bert")
                .elapse(9_000)
                .powerOff("anna")
                .powerOn("bert")
                .elapse(15_000)
                .force("bert")
                .elapse(3_000)
                .expectPrimary("bert")
                .expectLost(true)
                .powerOn("anna")
                .settle()
                .expectFollowing("anna", "bert");
    }
}
