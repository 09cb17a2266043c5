package io.kumki.core.consensus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ProposerTest {

    private static final Reply BLANK = new Reply.Promised(Ballot.ZERO, "");
    private static final Reply ACCEPTED = new Reply.Accepted();

    private final Proposer proposer = new Proposer("n1", "a", Set.of("n1", "n2", "n3"));

    @Test
    void writesWithTwoRoundsAndThenWithOne() {
        write("v1");
        var step = proposer.start(Optional.of("v1"), "v2");
        assertThat(step.send())
                .allSatisfy(out -> assertThat(out.message()).isInstanceOf(Message.Accept.class));
        assertThat(answer(step, ACCEPTED).outcome())
                .contains(new Outcome.Committed("v2", new Ballot(2, "n1/a")));
        assertThat(proposer.highestIssued()).isEqualTo(3);
    }

    @Test
    void aConflictIsWrittenBackUnlessAMajorityAgrees() {
        var promised = new Reply.Promised(new Ballot(7, "n2/b"), "theirs");
        var agreed = answer(proposer.start(Optional.empty(), "mine"), promised);
        assertThat(agreed.outcome()).contains(new Outcome.Conflict("theirs"));

        var fresh = new Proposer("n1", "b", Set.of("n1", "n2", "n3"));
        var step = fresh.start(Optional.empty(), "mine");
        long round = step.send().get(0).round();
        fresh.on("n1", round, BLANK);
        var back = fresh.on("n2", round, promised);
        assertThat(back.outcome()).isEmpty();
        assertThat(back.send())
                .extracting(Outgoing::message)
                .allSatisfy(
                        message ->
                                assertThat(((Message.Accept) message).value()).isEqualTo("theirs"));
    }

    @Test
    void ignoresLateDoubledAndUnknownAnswers() {
        var step = proposer.read();
        long round = step.send().get(0).round();
        assertThat(proposer.on("n1", round, BLANK)).isEqualTo(Step.NOTHING);
        assertThat(proposer.on("n1", round, BLANK)).isEqualTo(Step.NOTHING);
        assertThat(proposer.on("n9", round, BLANK)).isEqualTo(Step.NOTHING);
        assertThat(proposer.on("n2", round - 1, BLANK)).isEqualTo(Step.NOTHING);
        assertThat(proposer.on("n2", round, BLANK).outcome())
                .contains(new Outcome.Committed("", Ballot.ZERO));
    }

    @Test
    void afterAnUndecidedChangeItPreparesAnew() {
        write("v1");
        proposer.start(Optional.of("v1"), "v2");
        assertThat(proposer.giveUp("deadline").outcome())
                .contains(new Outcome.Undecided("deadline"));
        assertThat(proposer.start(Optional.of("v1"), "v3").send())
                .allSatisfy(
                        out -> {
                            assertThat(out.message()).isInstanceOf(Message.Prepare.class);
                            assertThat(out.message().ballot().counter()).isEqualTo(4);
                        });
    }

    @Test
    void aRetryAfterItsOwnValueWasSentKnowsItAgain() {
        write("v1");
        var step = proposer.start(Optional.of("v1"), "v2");
        var rejected = answer(step, new Reply.Rejected(new Ballot(9, "n2/b")));
        assertThat(rejected.outcome()).containsInstanceOf(Outcome.Undecided.class);
        var accept = answer(proposer.retry(), new Reply.Promised(new Ballot(2, "n1/a"), "v2"));
        assertThat(accept.outcome().orElseThrow())
                .isInstanceOfSatisfying(
                        Outcome.Committed.class,
                        committed -> assertThat(committed.value()).isEqualTo("v2"));
    }

    @Test
    void aRetryDoesNotCallItAConflictWhenItsValueMayHaveBeenOvertaken() {
        write("v1");
        var step = proposer.start(Optional.of("v1"), "v2");
        answer(step, new Reply.Rejected(new Ballot(9, "n2/b")));
        var other = new Reply.Promised(new Ballot(9, "n2/b"), "v3");
        assertThat(answer(proposer.retry(), other).outcome())
                .contains(new Outcome.Undecided("overtaken by a later change"));
        assertThat(proposer.canRetry()).isFalse();
    }

    @Test
    void refusesWhatMakesNoSense() {
        assertThatIllegalArgumentException().isThrownBy(() -> proposer.start(Optional.empty(), ""));
        assertThatThrownBy(proposer::retry).isInstanceOf(IllegalStateException.class);
        proposer.read();
        assertThatThrownBy(proposer::read).isInstanceOf(IllegalStateException.class);
    }

    private void write(String value) {
        var accept = answer(proposer.start(Optional.empty(), value), BLANK);
        answer(accept, ACCEPTED);
    }

    /** Two voters answer alike: the step that the second answer makes. */
    private Step answer(Step step, Reply reply) {
        proposer.on("n1", step.send().get(0).round(), reply);
        return proposer.on("n2", step.send().get(0).round(), reply);
    }
}
