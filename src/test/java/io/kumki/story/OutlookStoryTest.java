package io.kumki.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.policy.Outlook;
import io.kumki.core.policy.Outlook.Fault;
import io.kumki.sim.Story;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What status and metrics promise is what happens: each fault in each plight, told and done. */
class OutlookStoryTest {

    private record Plight(String name, UnaryOperator<Story> comes) {}

    private static final List<Plight> PLIGHTS =
            List.of(
                    new Plight("all is well", story -> story),
                    new Plight("the witness is off", story -> story.powerOff("wilma")),
                    new Plight("the witness forgot", story -> forgetful(story, "wilma")),
                    new Plight("the standby is off", story -> story.powerOff("bert")),
                    new Plight("the standby's server ended", story -> story.killContainer("bert")),
                    new Plight("the standby's agent is cut off", s -> s.cutOffAgent("bert")),
                    new Plight("paused", story -> story.pause("anna")));

    private static Story forgetful(Story story, String node) {
        return story.killAgent(node).loseAcceptorFile(node).startAgent(node);
    }

    @TestFactory
    List<DynamicTest> whatIsToldIsWhatHappens() {
        return PLIGHTS.stream()
                .flatMap(
                        plight ->
                                List.of(Fault.values()).stream()
                                        .map(
                                                fault ->
                                                        DynamicTest.dynamicTest(
                                                                plight.name() + ", " + fault,
                                                                () -> told(plight, fault))))
                .toList();
    }

    private static void told(Plight plight, Fault fault) {
        var story = plight.comes().apply(Story.of("anna", "bert")).elapse(6_000);
        story.expectPrimary("anna");
        var promised = story.outlook("anna").prospect(fault).successor();
        var said = story.told("anna");

        inflict(story, fault).elapse(12_000);

        // A leader whose server alone fails may also start it again: that is no failover.
        var leaders = story.leaders().stream().filter(n -> !n.equals("anna")).toList();
        assertThat(leaders)
                .as(said)
                .isEqualTo(promised.map(Object::toString).map(List::of).orElse(List.of()));
    }

    private static Story inflict(Story story, Fault fault) {
        return switch (fault) {
            case SERVER -> story.crashServer("anna");
            case MACHINE -> story.powerOff("anna");
            case NETWORK -> story.cutOff("anna");
        };
    }

    @Test
    void withoutAWitnessOnlyPostgresqlMayFailAndStatusSaysSo() {
        var story = Story.of("anna", "bert").powerOff("wilma").elapse(2_000);
        assertThat(story.told("anna"))
                .isEqualTo(
                        "If only PostgreSQL on anna fails, bert leads. If the machine of anna fails or"
                                + " is cut off, nobody leads: 1 of 3 votes would be left, 2 are"
                                + " needed; now without a vote: wilma.");
        story.powerOff("anna").elapse(30_000).expectNoWriter();
        assertThat(story.told("bert"))
                .isEqualTo(
                        "NO MAJORITY: of anna, bert, wilma only bert votes; 2 votes are needed."
                                + " Nobody may lead, and nobody can write. Bring back 1 of anna,"
                                + " wilma. anna led last; bert is complete too and is heard.");
        assertThat(story.outlook("bert").prospects())
                .extracting(Outlook.Prospect::successor)
                .allMatch(java.util.Optional::isEmpty);
    }
}
