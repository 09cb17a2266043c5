package io.kumki.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class AgreedTest {
    private static final int NODES = 6;

    private static Set<NodeId> set(int bits) {
        var nodes = new TreeSet<NodeId>();
        for (int i = 0; i < NODES; i++) {
            if ((bits >> i & 1) == 1) {
                nodes.add(new NodeId("n" + i));
            }
        }
        return nodes;
    }

    private static boolean isMajority(int part, int whole) {
        return (part & whole) == part && 2 * Integer.bitCount(part) > Integer.bitCount(whole);
    }

    private static boolean allMeet(int some, int others) {
        for (int a = 1; a < 1 << NODES; a++) {
            for (int b = 1; b < 1 << NODES; b++) {
                if (isMajority(a, some) && isMajority(b, others) && (a & b) == 0) {
                    return false;
                }
            }
        }
        return true;
    }

    @Test
    void nearSetsOfVotersAreThoseWhoseMajoritiesAlwaysMeet() {
        for (int some = 1; some < 1 << NODES; some++) {
            for (int others = 1; others < 1 << NODES; others++) {
                if (Agreed.near(set(some), set(others))) {
                    assertThat(allMeet(some, others))
                            .as("%s and %s", set(some), set(others))
                            .isTrue();
                }
            }
        }
    }

    @Test
    void oneMoreOrLessIsNearAReplacementAndTwoAreNot() {
        int three = 0b000111;

        assertThat(Agreed.near(set(three), set(0b001111))).isTrue();
        assertThat(Agreed.near(set(0b001111), set(three))).isTrue();
        assertThat(Agreed.near(set(three), set(0b001011))).as("replaced").isFalse();
        assertThat(Agreed.near(set(0b011111), set(three))).as("cut by two").isFalse();
    }

    @Test
    void theObjectionNamesWhatWasFoundAndExpected() {
        var agreed = new Agreed(3000, Mode.SYNC, set(0b011111));

        assertThat(agreed.objection(set(0b001111))).isEmpty();
        assertThat(agreed.objection(set(0b000111)).orElseThrow())
                .contains("[n0, n1, n2]", "[n0, n1, n2, n3, n4]", "does not vote", "RUNBOOK");
    }

    @Test
    void durationsLookAsInAFile() {
        assertThat(Agreed.duration(5000)).isEqualTo("5s");
        assertThat(Agreed.duration(1500)).isEqualTo("1500ms");
    }
}
