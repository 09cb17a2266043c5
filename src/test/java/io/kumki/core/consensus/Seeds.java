package io.kumki.core.consensus;

import java.util.function.LongFunction;
import java.util.stream.LongStream;

/** Which seeds to run: {@code -Dsim.seed=N} replays one, {@code -Dsim.seeds=N} sets how many. */
final class Seeds {

    private static final int DEFAULT_COUNT = 500;

    private Seeds() {}

    static LongStream all() {
        var one = Long.getLong("sim.seed");
        return one != null
                ? LongStream.of(one)
                : LongStream.range(0, Long.getLong("sim.seeds", DEFAULT_COUNT));
    }

    /** True if one of the first seeds shows a violation: for planted bugs. */
    static boolean someShowsViolation(int most, LongFunction<History> run) {
        return LongStream.range(0, most).anyMatch(seed -> !run.apply(seed).violations().isEmpty());
    }
}
