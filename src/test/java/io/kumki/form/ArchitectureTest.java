package io.kumki.form;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import io.kumki.core.policy.Policy;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/** Dependencies point inward, and the core is a value-in, value-out library (STYLE 2). */
class ArchitectureTest {
    /** Where the policy was loaded from: the classes of main, and not those of the tests. */
    private static final JavaClasses MAIN =
            new ClassFileImporter()
                    .importUrl(Policy.class.getProtectionDomain().getCodeSource().getLocation());

    @Test
    void thereIsSomethingToCheck() {
        assertThat(MAIN.contain(Policy.class)).isTrue();
        assertThat(MAIN.contain(ArchitectureTest.class)).isFalse();
    }

    @Test
    void theCoreUsesTheJdkOnly() {
        classes()
                .that()
                .resideInAPackage("io.kumki.core..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "io.kumki.core..")
                .check(MAIN);
    }

    @Test
    void theModelUsesNothingElseOfTheCore() {
        noClasses()
                .that()
                .resideInAPackage("io.kumki.core.model..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.kumki.core.consensus..",
                        "io.kumki.core.policy..",
                        "io.kumki.core.routing..")
                .check(MAIN);
    }

    @Test
    void theRoutesAreDerivedFromValuesOnly() {
        noClasses()
                .that()
                .resideInAPackage("io.kumki.core.routing..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.kumki.core.consensus..", "io.kumki.core.policy..")
                .check(MAIN);
    }

    @Test
    void thePolicyAndTheConsensusDoNotKnowEachOther() {
        noClasses()
                .that()
                .resideInAPackage("io.kumki.core.policy..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.kumki.core.consensus..")
                .check(MAIN);
        noClasses()
                .that()
                .resideInAPackage("io.kumki.core.consensus..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.kumki.core.policy..")
                .check(MAIN);
    }

    @Test
    void theAgentKnowsNobodyOutsideOfIt() {
        noClasses()
                .that()
                .resideInAPackage("io.kumki.agent..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.kumki.adapter..",
                        "io.kumki.api..",
                        "io.kumki.boot..",
                        "io.kumki.cli..",
                        "io.kumki.config..",
                        "io.quarkus..",
                        "io.vertx..")
                .check(MAIN);
    }

    @Test
    void adaptersNeverSeeEachOther() {
        slices().matching("io.kumki.adapter.(*)..").should().notDependOnEachOther().check(MAIN);
    }

    @Test
    void adaptersDoNotKnowWhoCallsFromOutside() {
        noClasses()
                .that()
                .resideInAPackage("io.kumki.adapter..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.kumki.api..", "io.kumki.cli..", "io.kumki.boot..")
                .check(MAIN);
    }

    @Test
    void theCommandLineSpeaksOnlyHttpToAnAgent() {
        noClasses()
                .that()
                .resideInAPackage("io.kumki.cli..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.kumki.agent..", "io.kumki.adapter..", "jakarta.inject..")
                .allowEmptyShould(true)
                .check(MAIN);
    }

    @Test
    void theCoreHasNoClockAndNoRandomness() {
        pure("io.kumki.core..").check(MAIN);
    }

    @Test
    void thePurityRuleBites() {
        var planted = new ClassFileImporter().importPackages("io.kumki.form.planted");

        assertThatThrownBy(() -> pure("io.kumki.form.planted..").check(planted))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("ClockReader.now()");
    }

    private static ArchRule pure(String packages) {
        return noClasses()
                .that()
                .resideInAPackage(packages)
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(Math.class, "random")
                .orShould()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(UUID.class, "randomUUID")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Clock.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Random.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Thread.class)
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(ThreadLocalRandom.class, SecureRandom.class);
    }
}
