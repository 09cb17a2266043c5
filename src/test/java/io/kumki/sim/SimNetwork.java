package io.kumki.sim;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;

/** Messages take their time, get lost, doubled, and don't pass where a link is cut. */
final class SimNetwork {
    /** What travels: agents' words, or the servers' WAL. */
    enum Kind {
        AGENT,
        WAL
    }

    private final SimTime time;
    private final Random random;
    private final Set<String> cut = new HashSet<>();
    private int lossPercent;
    private int doublingPercent;
    private int slowPercent;

    SimNetwork(SimTime time, Random random) {
        this.time = time;
        this.random = random;
    }

    void weather(int loss, int doubling, int slow) {
        lossPercent = loss;
        doublingPercent = doubling;
        slowPercent = slow;
    }

    void cutOneWay(String from, String to, Kind kind) {
        cut.add(from + ">" + to + kind);
    }

    void heal() {
        cut.clear();
        weather(0, 0, 0);
    }

    boolean passes(String from, String to, Kind kind) {
        return !cut.contains(from + ">" + to + kind);
    }

    /** Arrives once, twice or never. */
    void send(String from, String to, Kind kind, Runnable arrive) {
        if (from.equals(to)) {
            time.after(0, arrive);
            return;
        }
        int copies = kind == Kind.AGENT && random.nextInt(100) < doublingPercent ? 2 : 1;
        for (int copy = 0; copy < copies; copy++) {
            if (passes(from, to, kind) && random.nextInt(100) >= lossPercent) {
                time.after(delay(), arrive);
            }
        }
    }

    private long delay() {
        return random.nextInt(100) < slowPercent ? random.nextInt(300) : random.nextInt(6);
    }
}
