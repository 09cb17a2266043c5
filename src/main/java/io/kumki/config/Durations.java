package io.kumki.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Durations that contradict each other: each one alone may be well. */
final class Durations {
    private final Sources sources;
    private final List<String> problems;

    Durations(Sources sources, List<String> problems) {
        this.sources = sources;
        this.problems = problems;
    }

    /** Values that are not durations at all are reported elsewhere and left out here. */
    void check() {
        shorter(
                List.of(Key.TICK, Key.POLL_TIMEOUT),
                Key.TTL,
                "a look that may take longer than the lease makes every view too old: health paths"
                        + " fail, and a leader learns too late that it leads no more");
        shorter(
                List.of(Key.TICK, Key.POLL_TIMEOUT),
                Key.UNREACHABLE_AFTER,
                "else one slow answer costs the leader its server");
        shorter(
                List.of(Key.UNREACHABLE_AFTER),
                Key.PATIENCE,
                "else a server that starts is given up before it can answer");
        shorter(
                List.of(Key.TICK),
                Key.REPLICA_MAX_LAG_TIME,
                "the age of a replica is known to one look only: every replica would be withdrawn");
        if (!text(Key.WRITE_PROBE).equals("off")) {
            shorter(
                    List.of(Key.TICK, Key.WRITE_PROBE),
                    Key.REPLICA_MAX_LAG_TIME,
                    "the age of a replica is known to one row of the probe only: every replica"
                            + " would be withdrawn");
        }
        if (sources.explicit(Key.GATEWAY_RW)
                .or(() -> sources.explicit(Key.GATEWAY_RO))
                .isPresent()) {
            shorter(
                    List.of(Key.GATEWAY_CONNECT_TIMEOUT),
                    Key.GATEWAY_HOLD,
                    "else a session that waits is given up at its first attempt");
        }
    }

    private String text(Key key) {
        return sources.explicit(key).orElse(key.standard());
    }

    /** The sum of the first ones must be below the last one. Only what somebody set is told. */
    private void shorter(List<Key> parts, Key whole, String because) {
        var sum = Duration.ZERO;
        for (var part : parts) {
            var value = Values.duration(text(part));
            if (value.isEmpty()) {
                return;
            }
            sum = sum.plus(value.get());
        }
        Optional<Duration> limit = Values.duration(text(whole));
        if (limit.isEmpty() || sum.compareTo(limit.get()) < 0) {
            return;
        }
        var named = new ArrayList<String>();
        parts.forEach(part -> named.add(said(part)));
        problems.add(
                "%s %s must be shorter than %s: %s"
                        .formatted(
                                String.join(" and ", named),
                                parts.size() == 1 ? "" : "together",
                                said(whole),
                                because)
                        .replace("  ", " "));
    }

    private String said(Key key) {
        return "`%s = %s` (%s)"
                .formatted(key.key(), text(key), sources.place(key).orElse("its default"));
    }
}
