package io.kumki.story;

import io.kumki.sim.Story;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Something dies, and the cluster lives on. */
class CrashStoryTest {

    @Test
    void aKilledServerIsReplacedWithoutWaitingForTheLease() {
        Story.of("anna", "bert")
                .expectPrimary("anna")
                .fromHere()
                .crashServer("anna")
                .elapse(3_000)
                .expectPrimary("bert")
                .expectRules("anna", "L30-hand-over")
                .expectRules("bert", "C10-best", "L20-promote", "L13-opened")
                .settle()
                .expectFollowing("anna", "bert")
                .expectLost(false);
    }

    @Test
    void anAgentThatIsBackWithinTheLeaseKeepsItsPrimaryRunning() {
        Story.of("anna", "bert")
                .fromHere()
                .killAgent("anna")
                .elapse(1_500)
                .startAgent("anna")
                .elapse(2_000)
                .expectPrimary("anna")
                .expectRules("anna", "V10-retake", "L12-arm")
                .elapse(6_000)
                .expectPrimary("anna")
                .expectCommits()
                .expectLost(false);
    }

    @Test
    void anAgentThatStaysAwayLosesItsPrimaryToTheHand() {
        Story.of("anna", "bert")
                .killAgent("anna")
                .elapse(4_500)
                .expectNoWriter()
                .elapse(4_500)
                .expectPrimary("bert")
                .startAgent("anna")
                .settle()
                .expectFollowing("anna", "bert")
                .expectLost(false);
    }

    /** It streams and all is acknowledged by it, but a promotion would end where replay stands. */
    @Test
    void aStandbyThatWouldOpenShortTakesNoWriteAndIsNotTriedAgain() {
        for (var story : List.of(Story.of("anna", "bert"), Story.async("anna", "bert"))) {
            story.replayNoFurther("bert")
                    .elapse(2_000)
                    .fromHere()
                    .powerOff("anna")
                    .elapse(20_000)
                    .expectNoWriter()
                    .expectRules("bert", "C10-best", "L20-promote", "L27-opened-short")
                    .expectRules("bert", "V29-opened-short")
                    .expectNever("bert", "L13-opened")
                    .powerOn("anna")
                    .elapse(15_000)
                    .expectNoWriter()
                    .force("anna")
                    .elapse(5_000)
                    .expectPrimary("anna")
                    .expectRules("bert", "F37-opened-short")
                    .expectLost(false);
        }
    }

    @Test
    void aLostNodeComesBackAsAStandby() {
        Story.of("anna", "bert")
                .powerOff("anna")
                .elapse(9_000)
                .expectPrimary("bert")
                .powerOn("anna")
                .settle()
                .expectFollowing("anna", "bert")
                .elapse(6_000)
                .expectSafe("bert", "anna", "bert")
                .expectLost(false);
    }

    @Test
    void aFrozenServerIsStoppedAndReplaced() {
        Story.of("anna", "bert")
                .fromHere()
                .freezeServer("anna", 60_000)
                .elapse(12_000)
                .expectPrimary("bert")
                .expectRules("anna", "L42-missed", "L40-unreachable")
                .settle()
                .expectLost(false);
    }

    @Test
    void aLeaderWhoseServerIsGoneWithItsRunnerLetsTheLeaseRunOut() {
        Story.of("anna", "bert")
                .fromHere()
                .killContainer("anna")
                .elapse(12_000)
                .expectPrimary("bert")
                .expectRules("anna", "L42-missed", "L44-gone")
                .startContainer("anna")
                .settle()
                .expectFollowing("anna", "bert")
                .expectLost(false);
    }

    @Test
    void aReplicaThatDiesIsFirstCalledUnsafeAndOnlyThenCommitsGoOnAlone() {
        Story.of("anna", "bert")
                .expectSafe("anna", "anna", "bert")
                .fromHere()
                .powerOff("bert")
                .elapse(9_000)
                .expectRules("anna", "Y19-standby-away", "Y20-unsafe", "Y21-disable")
                .expectSafe("anna", "anna")
                .expectCommits()
                .powerOn("bert")
                .settle()
                .elapse(8_000)
                .expectRules("anna", "Y10-enable", "Y12-safe")
                .expectSafe("anna", "anna", "bert");
    }

    @Test
    void twoFailoversInARowLoseNothing() {
        Story.of("anna", "bert", "carl")
                .powerOff("anna")
                .settleWithout("anna")
                .elapse(8_000)
                .powerOn("anna")
                .settle()
                .elapse(8_000)
                .killPrimary()
                .settle()
                .expectCommits()
                .expectLost(false);
    }

    @Test
    void aServerThatCrashesWhilePausedIsStartedAgainWhereItWas() {
        Story.of("anna", "bert")
                .pause("anna")
                .fromHere()
                .crashServer("anna")
                .elapse(3_000)
                .expectPrimary("anna")
                .expectRules("anna", "L31-start")
                .resume("anna")
                .settle()
                .expectPrimary("anna");
    }
}
