package io.kumki.core.consensus;

import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * One voter. Whatever it answers is on disk before; a voter that could not write abstains, and goes
 * on with the state that it had.
 */
public final class Acceptor {

    private final AcceptorStore store;
    private final Function<String, String> renewalOf;
    private final LongSupplier highestIssued;
    private AcceptorState state;
    private Status status;
    private boolean formationComplete;
    private Optional<Renewal> renewal = Optional.empty();

    private record Renewal(String id, long sinceMillis) {}

    /**
     * Loads what the disk holds.
     *
     * @param renewalOf the renewal id within a value; empty string for a value without one
     * @param highestIssued {@link Proposer#highestIssued()} of the same process
     * @param nowMillis this machine's uptime; the age of a loaded renewal is counted from here
     */
    public Acceptor(
            AcceptorStore store,
            Function<String, String> renewalOf,
            LongSupplier highestIssued,
            long nowMillis) {
        this.store = store;
        this.renewalOf = renewalOf;
        this.highestIssued = highestIssued;
        this.state = AcceptorState.BLANK;
        this.status =
                switch (store.load()) {
                    case AcceptorStore.Loaded loaded -> standingOf(loaded.state());
                    case AcceptorStore.Absent none ->
                            new Status(Standing.FRESH, "no state yet, or its file is lost");
                    case AcceptorStore.Damaged damaged ->
                            new Status(Standing.ABSTAINING, damaged.reason());
                };
        noteRenewal(nowMillis);
    }

    /**
     * Answers one message.
     *
     * @param nowMillis this machine's uptime in milliseconds
     */
    public Reply handle(Message message, long nowMillis) {
        if (message instanceof Message.Readmit readmit
                && highestIssued.getAsLong() >= readmit.ballot().counter()) {
            // Asked of the process, not of the voter: it holds although the voter abstains.
            return new Reply.Rejected(new Ballot(highestIssued.getAsLong(), "issued"));
        }
        if (!votes()) {
            return new Reply.Abstained(
                    status.standing() == Standing.BLANK
                            ? "waits until every voter has formed"
                            : status.reason());
        }
        return switch (message) {
            case Message.Prepare prepare -> promise(prepare.ballot());
            case Message.Readmit readmit -> promise(readmit.ballot());
            case Message.Accept accept -> accept(accept, nowMillis);
        };
    }

    /** The durable state; {@link AcceptorState#BLANK} while there is none to vote with. */
    public AcceptorState state() {
        return state;
    }

    /** Where this voter stands, for reports and for {@link Formation}. */
    public Status status() {
        return status;
    }

    /** True if messages are answered with a vote. */
    public boolean votes() {
        return status.standing() == Standing.VOTING
                || status.standing() == Standing.BLANK && formationComplete;
    }

    /**
     * How long ago this voter first accepted the renewal in its current value, in milliseconds;
     * after a restart counted from the restart, so never too old. Empty without a renewal.
     */
    public OptionalLong renewalAgeMillis(long nowMillis) {
        return renewal.map(seen -> OptionalLong.of(nowMillis - seen.sinceMillis()))
                .orElseGet(OptionalLong::empty);
    }

    /** Follows a verdict of {@link Formation#judge} on this voter; returns the new status. */
    public Status follow(Formation.Verdict verdict) {
        switch (verdict) {
            case Formation.Form form when status.standing() == Standing.FRESH ->
                    save(AcceptorState.BLANK);
            case Formation.Open open when status.standing() == Standing.BLANK ->
                    formationComplete = true;
            case Formation.Lost lost when status.standing() == Standing.FRESH ->
                    status = new Status(Standing.ABSTAINING, lost.reason());
            case Formation.Form form -> {}
            case Formation.Open open -> {}
            case Formation.Lost lost -> {}
            case Formation.Wait wait -> {}
        }
        return status;
    }

    /**
     * Votes again with the state that {@link Readmission} won; returns the new status, which is
     * unchanged but for its reason if the disk refused.
     */
    public Status readmitted(AcceptorState won, long nowMillis) {
        if (votes()) {
            throw new IllegalStateException("this voter votes; nothing was changed");
        }
        if (save(won)) {
            noteRenewal(nowMillis);
        }
        return status;
    }

    private Reply promise(Ballot ballot) {
        if (ballot.isBelow(state.promised())) {
            return new Reply.Rejected(state.promised());
        }
        if (!ballot.equals(state.promised())
                && !save(new AcceptorState(ballot, state.accepted(), state.value()))) {
            return new Reply.Abstained(status.reason());
        }
        return new Reply.Promised(state.accepted(), state.value());
    }

    private Reply accept(Message.Accept accept, long nowMillis) {
        if (accept.ballot().equals(state.accepted())) {
            // A doubled message: this value is accepted and its next ballot promised already.
            return new Reply.Accepted();
        }
        if (accept.ballot().isBelow(state.promised())) {
            return new Reply.Rejected(state.promised());
        }
        if (!save(new AcceptorState(accept.next(), accept.ballot(), accept.value()))) {
            return new Reply.Abstained(status.reason());
        }
        noteRenewal(nowMillis);
        return new Reply.Accepted();
    }

    private boolean save(AcceptorState next) {
        try {
            store.save(next);
        } catch (IOException e) {
            status = new Status(status.standing(), "cannot save the voter's state: " + e);
            return false;
        }
        status = standingOf(next);
        return true;
    }

    private Status standingOf(AcceptorState durable) {
        state = durable;
        return durable.promised().equals(Ballot.ZERO)
                ? new Status(Standing.BLANK, "")
                : new Status(Standing.VOTING, "");
    }

    private void noteRenewal(long nowMillis) {
        var id = renewalOf.apply(state.value());
        if (id.isEmpty()) {
            renewal = Optional.empty();
        } else if (renewal.filter(seen -> seen.id().equals(id)).isEmpty()) {
            renewal = Optional.of(new Renewal(id, nowMillis));
        }
    }
}
