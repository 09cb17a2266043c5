package io.kumki.core.model;

import java.util.Map;
import java.util.Optional;

/**
 * How a standby's replay goes. Its WAL receiver knows nothing of that: WAL arrives, and is
 * acknowledged, while nothing of it can be read.
 *
 * @param paused it was told to pause, or paused by itself ({@code pg_is_wal_replay_paused()})
 * @param target the recovery target that is set, as NAME = VALUE; empty text if none is
 * @param waits the startup process' wait event; empty text if it works or is not known
 * @param settings those of this server that a standby must have at least as high as its primary had
 * @param lacking which of them its WAL asks more of, in words; empty text if none
 * @param still milliseconds that it has not moved although there is more WAL
 */
public record Replay(
        boolean paused,
        String target,
        String waits,
        Map<String, Integer> settings,
        String lacking,
        long still) {
    public static final Replay NONE = new Replay(false, "", "", Map.of(), "", 0);

    public Replay {
        settings = Map.copyOf(settings);
    }

    /**
     * @param needs what the control file asks for, by name; empty if the runner does not tell
     */
    public Replay lacking(Map<String, Integer> needs) {
        var found =
                settings.entrySet().stream()
                        .filter(s -> needs.getOrDefault(s.getKey(), 0) > s.getValue())
                        .map(
                                s ->
                                        "%s is %d, its primary had %d"
                                                .formatted(
                                                        s.getKey(),
                                                        s.getValue(),
                                                        needs.get(s.getKey())))
                        .sorted()
                        .reduce("%s, %s"::formatted);
        return new Replay(paused, target, waits, settings, found.orElse(""), still);
    }

    public Replay still(long millis) {
        return new Replay(paused, target, waits, settings, lacking, millis);
    }

    /** It paused by itself, and a start with higher settings ends that. */
    public boolean endsWithRestart() {
        return paused && !lacking.isEmpty();
    }

    /**
     * Why reads here grow old.
     *
     * @param patience milliseconds that a replay may stand still although it is not paused
     */
    public Optional<String> trouble(long patience) {
        if (endsWithRestart()) {
            return Optional.of("replay is paused: " + lacking);
        }
        if (paused && !target.isEmpty()) {
            return Optional.of("replay is paused, a recovery target is set: " + target);
        }
        if (paused) {
            return Optional.of(
                    "replay was paused by somebody (pg_wal_replay_pause);"
                            + " select pg_wal_replay_resume() ends it");
        }
        return still > patience
                ? Optional.of("replay stands still for %d s%s".formatted(still / 1000, cause()))
                : Optional.empty();
    }

    /** PostgreSQL's names of wait events (documentation, table "Wait Events"). */
    private String cause() {
        if (waits.startsWith("RecoveryConflict") || waits.equals("BufferPin")) {
            return ": a query here conflicts with it (max_standby_streaming_delay)";
        }
        return switch (waits) {
            case "" -> "";
            case "RecoveryApplyDelay" -> ": recovery_min_apply_delay is set";
            case "RestoreCommand" -> ": it waits for restore_command";
            default -> ": it waits for " + waits;
        };
    }
}
