package io.kumki.core.consensus;

/**
 * The number of one attempt to change the register. Totally ordered, never used twice.
 *
 * @param counter rises with every attempt; 0 only in {@link #ZERO}
 * @param proposer node + "/" + a random incarnation of its process, so that a proposer which forgot
 *     everything in a restart still can't repeat a ballot; empty only in {@link #ZERO}
 */
public record Ballot(long counter, String proposer) implements Comparable<Ballot> {

    /** Before every ballot: nothing promised, nothing accepted. */
    public static final Ballot ZERO = new Ballot(0, "");

    /** Refuses a negative counter and a proposer with white space. */
    public Ballot {
        if (counter < 0 || proposer.chars().anyMatch(Character::isWhitespace)) {
            throw new IllegalArgumentException("no ballot: " + counter + "@" + proposer);
        }
    }

    /**
     * Reads what {@link #toString} wrote, such as {@code 12@n1/ab12}.
     *
     * @throws IllegalArgumentException if the text is no ballot
     */
    public static Ballot parse(String text) {
        int at = text.indexOf('@');
        if (at < 1) {
            throw new IllegalArgumentException("no ballot: " + text);
        }
        return new Ballot(Long.parseLong(text.substring(0, at)), text.substring(at + 1));
    }

    /** The greater of the two. */
    public static Ballot max(Ballot one, Ballot other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    /** True if this ballot is lower than the other. */
    public boolean isBelow(Ballot other) {
        return compareTo(other) < 0;
    }

    @Override
    public int compareTo(Ballot other) {
        int byCounter = Long.compare(counter, other.counter);
        return byCounter != 0 ? byCounter : proposer.compareTo(other.proposer);
    }

    @Override
    public String toString() {
        return counter + "@" + proposer;
    }
}
