package io.kumki.sim;

import java.util.stream.LongStream;

/** Which seeds to run: {@code -Dsim.seed=N} replays one, {@code -Dsim.seeds=N} sets how many. */
final class SimSeeds {
    private static final int DEFAULT_COUNT = 500;

    private SimSeeds() {}

    /** That share of them. */
    static LongStream some(double share) {
        return all().limit((long) Math.ceil(all().count() * share));
    }

    static LongStream all() {
        var one = Long.getLong("sim.seed");
        return one != null
                ? LongStream.of(one)
                : LongStream.range(0, Long.getLong("sim.seeds", DEFAULT_COUNT));
    }
}
