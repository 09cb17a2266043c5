package io.kumki.core.policy;

import static io.kumki.core.policy.Views.BERT;
import static io.kumki.core.policy.Views.CARL;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.Action.Found;
import io.kumki.core.model.Action.Hold;
import io.kumki.core.model.Episode.Cause;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.Rule;
import org.junit.jupiter.api.Test;

/** W10 and B10 to B16: a witness, and a register that was never written. */
class FoundingTest {
    @Test
    void w10AWitnessNeverActs() {
        var decision = Views.ofLeader().witness().decision();

        assertThat(decision.rule()).isEqualTo(Rule.W10_WITNESS);
        assertThat(decision.action()).isEqualTo(new Hold());
    }

    @Test
    void b10AllAreEmptyAndThisNodeMayBootstrap() {
        var decision = Views.ofBlank().bootstrap().decision();

        assertThat(decision.rule()).isEqualTo(Rule.B10_BOOTSTRAP);
        assertThat(decision.action()).isEqualTo(new Found("", Cause.BOOTSTRAP));
    }

    @Test
    void b11NothingIsFoundedWhileAMemberIsUnheard() {
        assertThat(Views.ofBlank().bootstrap().without(BERT).rule())
                .isEqualTo(Rule.B11_MISSING_MEMBERS);
        assertThat(Views.ofBlank().bootstrap().without(Views.WALLY).rule())
                .isEqualTo(Rule.B11_MISSING_MEMBERS);
    }

    @Test
    void b11NothingIsFoundedWhileAServerDoesNotAnswer() {
        assertThat(Views.ofBlank().bootstrap().peer(BERT, new LocalServer.Starting(10)).rule())
                .isEqualTo(Rule.B11_MISSING_MEMBERS);
        assertThat(
                        Views.ofBlank()
                                .server(Servers.primary().is())
                                .peer(BERT, new LocalServer.Unreachable("timeout", 10, false))
                                .rule())
                .isEqualTo(Rule.B11_MISSING_MEMBERS);
    }

    @Test
    void b12TwoClustersAreNotMixed() {
        assertThat(
                        Views.ofBlank()
                                .server(Servers.primary().is())
                                .peer(BERT, Servers.replica().of("another").is())
                                .rule())
                .isEqualTo(Rule.B12_FOREIGN);
    }

    @Test
    void b13TheOnlyPrimaryIsAdoptedRunningOrNot() {
        var adopt = new Found(Servers.SYSTEM, Cause.ADOPTION);
        var running =
                Views.ofBlank()
                        .server(Servers.primary().is())
                        .peer(BERT, Servers.replica().is())
                        .decision();
        var stopped = Views.ofBlank().server(Servers.stopped("shut down")).decision();

        assertThat(running.rule()).isEqualTo(Rule.B13_ADOPT);
        assertThat(running.action()).isEqualTo(adopt);
        assertThat(stopped.rule()).isEqualTo(Rule.B13_ADOPT);
        assertThat(stopped.action()).isEqualTo(adopt);
    }

    @Test
    void b14OfTwoPrimariesNoneIsGuessedRight() {
        assertThat(
                        Views.ofBlank()
                                .bootstrap()
                                .server(Servers.primary().is())
                                .peer(BERT, Servers.stopped("in production"))
                                .rule())
                .isEqualTo(Rule.B14_TWO_PRIMARIES);
    }

    @Test
    void b15ThePrimaryIsElsewhereSoAnotherFounds() {
        assertThat(Views.ofBlank().bootstrap().peer(BERT, Servers.primary().is()).rule())
                .isEqualTo(Rule.B15_OTHER_FOUNDS);
    }

    @Test
    void b15AllAreEmptyAndThisNodeMayNotBootstrap() {
        assertThat(Views.ofBlank().rule()).isEqualTo(Rule.B15_OTHER_FOUNDS);
    }

    @Test
    void b16OnlyStandbysDataIsNotOverwrittenByABootstrap() {
        assertThat(
                        Views.ofBlank()
                                .bootstrap()
                                .peer(BERT, Servers.stopped("shut down in recovery"))
                                .peer(CARL, Servers.replica().is())
                                .rule())
                .isEqualTo(Rule.B16_NOTHING_TO_FOUND);
    }
}
