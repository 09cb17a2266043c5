package io.kumki.agent;

import io.kumki.core.model.Decision;
import io.kumki.core.model.View;
import java.util.List;

/**
 * One finished tick.
 *
 * @param reports what the peers said, ours first
 * @param at milliseconds since 1970, for people
 * @param took milliseconds of the tick
 */
public record Snapshot(View view, Decision decision, List<Report> reports, long at, long took) {
    public Snapshot {
        reports = List.copyOf(reports);
    }
}
