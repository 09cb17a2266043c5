package io.kumki.agent;

import io.kumki.agent.port.ServerControl;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.LocalServer.Replica;
import io.kumki.core.model.LocalServer.Unreachable;
import io.kumki.core.model.LocalServer.Walsender;
import io.kumki.core.model.Lsn;
import io.kumki.core.model.Position;
import io.kumki.core.model.SyncProof;
import java.util.HashMap;
import java.util.Map;

/** Puts the catalogs and the runner together, and remembers since when things are as they are. */
final class Observer {
    private final Map<String, Flushed> flushed = new HashMap<>();
    private String phase = "";
    private long phaseSince;
    private Since<Position> replica = new Since<>(new Position(0, Lsn.ZERO), Long.MIN_VALUE);
    private final ReplayProgress progress = new ReplayProgress();
    private long answered;
    private long startingSince = -1;
    private SyncProof proof = SyncProof.NONE;

    private record Since<T>(T value, long at) {}

    /** How far a standby was, since when, and whether that was all there was. */
    private record Flushed(Lsn lsn, boolean all, long at) {}

    Observer(long now) {
        this.answered = now;
    }

    SyncProof proof() {
        return proof;
    }

    /** The runner is believed where it says that no server lives: it was asked last. */
    LocalServer observe(ServerControl.State runner, LocalServer reading, long now) {
        if (!runner.server().equals(phase)) {
            phase = runner.server();
            phaseSince = now;
            answered = now;
        }
        long since = now - phaseSince;
        startingSince =
                !(reading instanceof LocalServer.Starting)
                        ? -1
                        : startingSince < 0 ? now : startingSince;
        return switch (phase) {
            case "empty" -> new LocalServer.Empty();
            case "stopped" -> new LocalServer.Stopped(false, runner.remains());
            case "crashed" -> new LocalServer.Stopped(true, runner.remains());
            case "stopping" -> new LocalServer.Stopping(since);
            case "starting" ->
                    reading instanceof Unreachable || reading instanceof LocalServer.Starting
                            ? new LocalServer.Starting(since)
                            : remember(reading, runner, now);
            default -> remember(reading, runner, now);
        };
    }

    private LocalServer remember(LocalServer reading, ServerControl.State runner, long now) {
        return switch (reading) {
            case Primary primary -> {
                answered = now;
                var remembered = remember(primary, now);
                proof = proof.after(remembered);
                yield remembered;
            }
            case Replica standby -> {
                answered = now;
                yield remember(standby, runner.needs(), now);
            }
            case Unreachable silent ->
                    new Unreachable(
                            silent.reason(),
                            now - answered,
                            silent.spoke(),
                            silent.primary() && phase.equals("primary"));
            case LocalServer.Starting s -> new LocalServer.Starting(now - startingSince, s.spoke());
            case LocalServer.Stopping s -> s;
            case LocalServer.Stopped s -> s;
            case LocalServer.Empty e -> e;
        };
    }

    private Primary remember(Primary primary, long now) {
        var walsenders =
                primary.walsenders().stream()
                        .map(
                                w -> {
                                    var last = flushed.get(w.name());
                                    boolean moved = last == null || !last.lsn().equals(w.flushed());
                                    boolean all = !w.flushed().isBefore(primary.position().lsn());
                                    // Behind since it was first seen so, not since it was last not.
                                    if (moved || all || last.all()) {
                                        flushed.put(w.name(), new Flushed(w.flushed(), all, now));
                                    }
                                    return new Walsender(
                                            w.name(),
                                            w.state(),
                                            w.syncState(),
                                            w.flushed(),
                                            now - flushed.get(w.name()).at());
                                })
                        .toList();
        return new Primary(
                primary.systemId(),
                primary.position(),
                primary.controlTimeline(),
                primary.walSinceCheckpoint(),
                primary.startedAt(),
                primary.synchronous(),
                walsenders,
                primary.slots(),
                primary.activity(),
                primary.probe(),
                primary.archiving(),
                primary.horizon());
    }

    /**
     * Without a WAL receiver a standby's timeline comes from the control file, which is late: what
     * it was on once, it stays on, unless its WAL goes back (a rewind, a new clone).
     */
    private Replica remember(Replica standby, Map<String, Integer> needs, long now) {
        var position = standby.position();
        var last = replica.value();
        if (last.timeline() > position.timeline() && !position.lsn().isBefore(last.lsn())) {
            position = new Position(last.timeline(), position.lsn());
        }
        if (!position.equals(last)) {
            replica = new Since<>(position, now);
        }
        long standing = progress.standing(standby.replayed(), position.lsn(), now);
        return new Replica(
                standby.systemId(),
                position,
                standby.replayed(),
                standby.receiver(),
                now - replica.at(),
                progress.lag(standby.lagMillis(), now),
                standby.slots(),
                standby.probe(),
                standby.archiving(),
                standby.replay().map(r -> r.lacking(needs).still(standing)),
                standby.horizon());
    }
}
