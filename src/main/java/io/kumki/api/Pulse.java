package io.kumki.api;

import io.kumki.agent.Snapshot;
import io.kumki.agent.StatusBoard;
import io.kumki.agent.port.Clock;
import io.kumki.core.model.Settings;
import io.quarkus.runtime.Startup;
import jakarta.inject.Singleton;
import java.util.Optional;

/** When the last tick was published: an answer must know how old its view is. */
@Startup
@Singleton
public final class Pulse {
    private final Settings settings;
    private final Clock clock;
    private final LagWatch lags;
    private volatile Beat last;

    private record Beat(Optional<Snapshot> snapshot, long at) {}

    public Pulse(StatusBoard board, Settings settings, Clock clock, LagWatch lags) {
        this.settings = settings;
        this.clock = clock;
        this.lags = lags;
        this.last = new Beat(board.last(), clock.uptime());
        board.tell(snapshot -> last = new Beat(Optional.of(snapshot), clock.uptime()));
    }

    public Vitals vitals() {
        var beat = last;
        // What the cluster agreed on counts from the first view on.
        var now = beat.snapshot().map(s -> s.view().settings()).orElse(settings);
        return new Vitals(now, beat.snapshot(), clock.uptime() - beat.at(), lags.withheld());
    }
}
