package io.kumki.story;

import io.kumki.sim.Story;
import org.junit.jupiter.api.Test;

/** Coming back, planned changes, and beginnings. */
class RejoinStoryTest {

    @Test
    void anOldPrimaryWithWalOfItsOwnIsRewound() {
        Story.async("anna", "bert")
                .cutOff("anna")
                .elapse(10_000)
                .expectPrimary("bert")
                .fromHere()
                .heal()
                .settle()
                .expectRules("anna", "F24-rewind", "F10-following")
                .expectFollowing("anna", "bert");
    }

    @Test
    void whereARewindIsImpossibleItIsCloned() {
        Story.async("anna", "bert")
                .rewindsFail()
                .cutOff("anna")
                .elapse(10_000)
                .fromHere()
                .heal()
                .settle()
                .expectRules("anna", "F24-rewind", "F31-reclone", "F10-following")
                .expectFollowing("anna", "bert");
    }

    /** Bert acknowledged commits that anna lacks; she is forced to lead; then he comes back. */
    @Test
    void whoLedMeanwhileIsRewoundAfterAForcedFailover() {
        Story.of("anna", "bert")
                .powerOff("anna")
                .elapse(12_000)
                .expectPrimary("bert")
                .expectCommits()
                .powerOff("bert")
                .powerOn("anna")
                .elapse(8_000)
                .force("anna")
                .elapse(6_000)
                .expectPrimary("anna")
                .expectRules("anna", "V28-forced", "L31-start", "L20-promote", "L13-opened")
                .fromHere()
                .powerOn("bert")
                .elapse(30_000)
                .settle()
                .expectRules("bert", "F17-no-common-past", "F24-rewind", "F10-following")
                .expectNever("bert", "F31-reclone");
    }

    @Test
    void afterAPowerCutTheSafeOnesStartInEitherOrder() {
        Story.of("anna", "bert")
                .powerOff("anna", "bert", "wilma")
                .elapse(3_000)
                .powerOn("bert")
                .powerOn("wilma")
                .elapse(4_000)
                .powerOn("anna")
                .settle()
                .expectLost(false);
        Story.of("anna", "bert")
                .powerOff("anna", "bert", "wilma")
                .elapse(3_000)
                .powerOn("anna")
                .powerOn("wilma")
                .elapse(4_000)
                .powerOn("bert")
                .settle()
                .expectLost(false);
    }

    @Test
    void aWholeClusterRestartsByItself() {
        Story.of("anna", "bert", "carl")
                .powerOff("anna", "bert", "carl")
                .elapse(5_000)
                .powerOn()
                .settle()
                .expectCommits()
                .expectLost(false);
    }

    @Test
    void aSwitchoverLosesNothingAndIsQuick() {
        Story.of("anna", "bert")
                .fromHere()
                .switchover("anna", "bert")
                .elapse(4_000)
                .expectPrimary("bert")
                .expectRules("anna", "S14-stop", "S15-hand-over")
                .settle()
                .expectFollowing("anna", "bert")
                .expectLost(false);
    }

    @Test
    void aSwitchoverWhoseTargetDiesLeavesTheOldPrimary() {
        Story.of("anna", "bert", "carl")
                .elapse(2_000)
                .powerOff("bert")
                .switchover("anna", "bert")
                .elapse(12_000)
                .expectPrimary("anna")
                .expectCommits()
                .powerOn("bert")
                .settle()
                .expectLost(false);
    }

    @Test
    void emptyDirectoriesBecomeACluster() {
        Story.of("anna", "bert", "carl")
                .expectPrimary("anna")
                .expectRules("anna", "B10-bootstrap", "L33-bootstrap", "L13-opened", "Y12-safe")
                .expectRules("bert", "F30-clone", "F10-following")
                .expectFollowing("carl", "anna");
    }

    @Test
    void aRunningPrimaryIsAdoptedWithoutAStop() {
        Story.before("anna", "bert")
                .withPrimary("bert")
                .powerOn()
                .settle()
                .expectPrimary("bert")
                .expectRules("bert", "B13-adopt", "L12-arm")
                .expectNever("bert", "L31-start")
                .expectFollowing("anna", "bert");
    }

    @Test
    void twoForeignPrimariesAreLeftAlone() {
        Story.before("anna", "bert")
                .withPrimary("anna")
                .withPrimary("bert")
                .powerOn()
                .elapse(15_000)
                .expectRules("anna", "B12-foreign")
                .expectNever("anna", "B13-adopt")
                .expectNever("bert", "B13-adopt");
    }

    @Test
    void aVoterThatLostItsFileAbstainsUntilItIsReadmitted() {
        Story.of("anna", "bert")
                .powerOff("wilma")
                .loseAcceptorFile("wilma")
                .powerOn("wilma")
                .elapse(5_000)
                .expectVotes("wilma", false)
                .expectPrimary("anna")
                .readmit("wilma")
                .elapse(2_000)
                .expectVotes("wilma", true)
                .crashServer("anna")
                .settle()
                .expectPrimary("bert")
                .expectLost(false);
    }
}
