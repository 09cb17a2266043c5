package io.kumki.core.consensus;

import java.util.Map;
import java.util.Set;

/**
 * Tells a first start from a lost file. A voter without a file may begin with an empty one only if
 * no trace of an earlier life can exist: every other voter was asked after this process began, and
 * each is fresh too or formed and untouched, and has issued no ballot.
 *
 * <p>Two steps, so that a voter which is merely slow at the first start never looks like one that
 * lost its file: first all form, then, when every voter is seen to have formed, they begin to vote.
 * An agent must not propose before its own acceptor votes.
 *
 * <p>Why the ballots issued count: a lost voter may have been the only one to promise ballot M of a
 * proposer that is still waiting for others. Began it anew without that promise, a lower ballot
 * could win there and then M as well, without having seen it.
 */
public final class Formation {

    private Formation() {}

    /**
     * What another voter said about itself.
     *
     * @param issued {@link Proposer#highestIssued()} of its process
     */
    public record Voter(Standing standing, long issued) {}

    /** What the voter is to do; hand it to {@link Acceptor#follow}. */
    public sealed interface Verdict {
        /** For people. */
        String reason();
    }

    /** Write an empty file. */
    public record Form(String reason) implements Verdict {}

    /** Every voter has formed: vote. */
    public record Open(String reason) implements Verdict {}

    /** Not yet; ask again. */
    public record Wait(String reason) implements Verdict {}

    /** The state is lost; abstain until re-admitted by the operator. */
    public record Lost(String reason) implements Verdict {}

    /**
     * Judges the own voter.
     *
     * @param others names of all other voters; empty in a cluster of one
     * @param answers of those that answered since this process began
     */
    public static Verdict judge(Standing own, Set<String> others, Map<String, Voter> answers) {
        return switch (own) {
            case FRESH -> judgeFresh(others, answers);
            case BLANK -> judgeBlank(others, answers);
            case VOTING -> new Open("votes already");
            case ABSTAINING -> new Lost("must be re-admitted by the operator");
        };
    }

    private static Verdict judgeFresh(Set<String> others, Map<String, Voter> answers) {
        for (var name : others) {
            var voter = answers.get(name);
            if (voter != null && hasPast(voter)) {
                return new Lost(
                        """
                        this voter has no state, but %s is %s: the file was lost. It abstains, \
                        because it may have forgotten a promise. `kumki readmit` brings it back.\
                        """
                                .formatted(name, voter.standing()));
            }
        }
        for (var name : others) {
            if (!answers.containsKey(name)) {
                return new Wait("cannot form: " + name + " has not answered");
            }
            if (answers.get(name).standing() == Standing.ABSTAINING) {
                // Damaged before anyone voted, perhaps: then its file may go, and all can form.
                return new Wait("cannot form: " + name + " has a damaged state");
            }
        }
        return new Form("all " + others.size() + " other voters are fresh or blank");
    }

    private static boolean hasPast(Voter voter) {
        return switch (voter.standing()) {
            case FRESH, BLANK, ABSTAINING -> voter.issued() > 0;
            case VOTING -> true;
        };
    }

    private static Verdict judgeBlank(Set<String> others, Map<String, Voter> answers) {
        for (var name : others) {
            var voter = answers.get(name);
            if (voter != null && voter.standing() == Standing.VOTING) {
                return new Open(name + " votes");
            }
        }
        for (var name : others) {
            var voter = answers.get(name);
            if (voter == null || voter.standing() == Standing.FRESH) {
                return new Wait("waits for " + name + " to form");
            }
        }
        return new Open("every voter has formed");
    }
}
