package io.kumki.boot;

import io.kumki.agent.Report;
import io.kumki.agent.port.Register;
import io.kumki.core.consensus.Outcome;
import io.smallrye.mutiny.Uni;
import java.util.Optional;
import java.util.function.Supplier;

/** Proposes nothing before our own voter votes: {@link io.kumki.core.consensus.Formation}. */
record OwnVoterFirst(Register register, Supplier<Report.Voter> voter) implements Register {
    @Override
    public Uni<Outcome> compareAndSet(Optional<String> expected, String next) {
        return voter.get().votes() ? register.compareAndSet(expected, next) : refused();
    }

    @Override
    public Uni<Outcome> read() {
        return voter.get().votes() ? register.read() : refused();
    }

    private Uni<Outcome> refused() {
        return Uni.createFrom()
                .item(new Outcome.Undecided("our own voter abstains: " + voter.get().reason()));
    }
}
