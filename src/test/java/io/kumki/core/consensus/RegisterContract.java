package io.kumki.core.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.agent.port.Register;
import io.smallrye.mutiny.Uni;
import java.util.Optional;
import java.util.function.Function;

/**
 * What every store must do. Give it two clients of one blank register, and a way to wait for an
 * outcome.
 */
public final class RegisterContract {

    private final Register one;
    private final Register other;
    private final Function<Uni<Outcome>, Outcome> await;

    public RegisterContract(Register one, Register other, Function<Uni<Outcome>, Outcome> await) {
        this.one = one;
        this.other = other;
        this.await = await;
    }

    public void isBlankAtFirst() {
        assertThat(value(other.read())).isEmpty();
    }

    public void writesOnlyIfBlankWhenNothingIsExpected() {
        assertThat(value(one.compareAndSet(Optional.empty(), "a"))).isEqualTo("a");
        assertThat(await.apply(other.compareAndSet(Optional.empty(), "b")))
                .isEqualTo(new Outcome.Conflict("a"));
        assertThat(value(other.read())).isEqualTo("a");
    }

    public void writesOnlyOverTheExactValue() {
        value(one.compareAndSet(Optional.empty(), "a"));
        assertThat(value(other.compareAndSet(Optional.of("a"), "b"))).isEqualTo("b");
        // A store may not know at once that an overtaken change did not happen; asked again it
        // must.
        assertThat(await.apply(one.compareAndSet(Optional.of("a"), "c")))
                .isNotInstanceOf(Outcome.Committed.class);
        assertThat(await.apply(one.compareAndSet(Optional.of("a"), "d")))
                .isEqualTo(new Outcome.Conflict("b"));
        assertThat(value(one.compareAndSet(Optional.of("b"), "e"))).isEqualTo("e");
        assertThat(value(other.read())).isEqualTo("e");
    }

    public void conflictsOnABlankRegisterWhenAValueIsExpected() {
        assertThat(await.apply(one.compareAndSet(Optional.of("a"), "b")))
                .isEqualTo(new Outcome.Conflict(""));
    }

    private String value(Uni<Outcome> uni) {
        var outcome = await.apply(uni);
        assertThat(outcome).isInstanceOf(Outcome.Committed.class);
        return ((Outcome.Committed) outcome).value();
    }
}
