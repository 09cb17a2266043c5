package io.kumki.agent;

import io.kumki.agent.port.RecordCodec;
import io.kumki.core.consensus.Ballot;
import io.kumki.core.consensus.LeaseRule;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Lease;
import io.kumki.core.model.NodeId;
import java.util.List;
import java.util.Optional;

/**
 * What the voters' states, carried by the reports, tell about the register.
 *
 * <p>With a majority of voters heard, the value under the highest ballot is the newest that can
 * have been chosen. It may be one that is still being written; that does no harm, because nobody
 * acts on it but by a compare-and-set that names it.
 *
 * @param value the newest value; empty for a blank register
 * @param newest the same, decoded
 * @param ballot of that value
 * @param settled a majority of all voters has accepted it: it was chosen
 * @param age the most that any voter says about the age of that renewal, in milliseconds
 */
record RegisterView(
        boolean majority,
        String missing,
        String value,
        Optional<ClusterRecord> newest,
        Ballot ballot,
        boolean settled,
        long age) {

    /** A voter's word and how old it is. */
    record Word(NodeId voter, Report.Voter state, long age) {}

    /**
     * The lease of this very process.
     *
     * @param term that it renews; 0 if none
     * @param remaining milliseconds until it ends; 0 or less: it has ended
     * @param settled none of our writes is undecided
     */
    record Held(long term, long remaining, boolean settled) {}

    static RegisterView of(List<Word> words, int voters, RecordCodec codec) {
        var voting = words.stream().filter(w -> w.state().votes()).toList();
        boolean majority = voting.size() > voters / 2;
        var missing =
                "%d of %d voters answer%s"
                        .formatted(
                                voting.size(),
                                voters,
                                words.stream()
                                        .filter(w -> !w.state().votes())
                                        .map(w -> "; " + w.voter() + ": " + w.state().reason())
                                        .reduce("", String::concat));
        var ballot = Ballot.ZERO;
        var value = "";
        for (var word : voting) {
            if (ballot.isBelow(word.state().ballot())) {
                ballot = word.state().ballot();
                value = word.state().value();
            }
        }
        var chosen = ballot;
        long holding = voting.stream().filter(w -> w.state().ballot().equals(chosen)).count();
        var renewal = RecordCodec.renewalOf(value);
        long age =
                voting.stream()
                        .filter(w -> RecordCodec.renewalOf(w.state().value()).equals(renewal))
                        .mapToLong(w -> w.state().age())
                        .max()
                        .orElse(0);
        return new RegisterView(
                majority,
                missing,
                value,
                value.isEmpty() ? Optional.empty() : Optional.of(codec.decode(value)),
                ballot,
                holding > voters / 2,
                age);
    }

    /**
     * Who holds the lease.
     *
     * @param own by this node's configuration: counts where the renewal does not say
     */
    Lease lease(NodeId self, LeaseRule own, Held held) {
        long term = newest.map(r -> r.tenure().term()).orElse(0L);
        if (held.term() > 0 && held.remaining() > 0 && term <= held.term()) {
            return new Lease.Mine(held.term(), held.remaining(), held.settled());
        }
        if (!majority) {
            return new Lease.Unknown(missing);
        }
        if (newest.isEmpty()) {
            return new Lease.Blank();
        }
        var tenure = newest.get().tenure();
        boolean ownEarlierLife = tenure.holder().equals(self);
        if (tenure.released()
                || ownEarlierLife
                || LeaseKeeper.ruleOf(tenure, own).mayCompete(age)) {
            return new Lease.Free(
                    term, tenure.holder(), age, tenure.released(), tenure.releasedTo());
        }
        return new Lease.Theirs(term, tenure.holder(), age);
    }
}
