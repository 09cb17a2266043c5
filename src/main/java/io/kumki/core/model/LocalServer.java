package io.kumki.core.model;

import java.util.List;
import java.util.Optional;

/** A PostgreSQL server as its own agent sees it: from the catalogs and from the runner. */
public sealed interface LocalServer {
    /**
     * It accepts writes, or would.
     *
     * @param position flush position and timeline, from the WAL file name: the control file shows
     *     the old timeline until the checkpoint after a promotion
     * @param controlTimeline the control file's; pg_rewind before 16 goes by it
     * @param walSinceCheckpoint bytes since the last checkpoint's redo point: what a stop must
     *     write
     * @param startedAt {@code pg_postmaster_start_time()}, opaque; tells one start from another
     * @param probe the number that the write probe wrote last; 0: there is no probe
     * @param horizon empty from an agent that does not tell yet
     */
    record Primary(
            String systemId,
            Position position,
            int controlTimeline,
            long walSinceCheckpoint,
            String startedAt,
            Synchronous synchronous,
            List<Walsender> walsenders,
            List<Slot> slots,
            Activity activity,
            long probe,
            Archiving archiving,
            Optional<Horizon> horizon)
            implements LocalServer {
        public Primary {
            walsenders = List.copyOf(walsenders);
            slots = List.copyOf(slots);
        }

        /** Without a horizon. */
        public Primary(
                String systemId,
                Position position,
                int controlTimeline,
                long walSinceCheckpoint,
                String startedAt,
                Synchronous synchronous,
                List<Walsender> walsenders,
                List<Slot> slots,
                Activity activity,
                long probe,
                Archiving archiving) {
            this(
                    systemId,
                    position,
                    controlTimeline,
                    walSinceCheckpoint,
                    startedAt,
                    synchronous,
                    walsenders,
                    slots,
                    activity,
                    probe,
                    archiving,
                    Optional.empty());
        }

        /** The same, with what was seen of our own commits. */
        public Primary with(Synchronous its) {
            return new Primary(
                    systemId,
                    position,
                    controlTimeline,
                    walSinceCheckpoint,
                    startedAt,
                    its,
                    walsenders,
                    slots,
                    activity,
                    probe,
                    archiving,
                    horizon);
        }
    }

    /**
     * It is in recovery.
     *
     * @param position the end of the WAL that it has, received or replayed, whichever is more
     * @param receiver the WAL receiver, if one runs
     * @param still milliseconds since {@code position} last moved
     * @param lagMillis since the last replayed commit was made on the primary, or since the
     *     server's start if it replayed none; 0 if all is replayed
     * @param probe the number that the write probe has replayed here; 0: there is no probe
     * @param replay empty from an agent that does not tell yet, as is {@code horizon}
     */
    record Replica(
            String systemId,
            Position position,
            Lsn replayed,
            Optional<Receiver> receiver,
            long still,
            long lagMillis,
            List<Slot> slots,
            long probe,
            Archiving archiving,
            Optional<Replay> replay,
            Optional<Horizon> horizon)
            implements LocalServer {
        public Replica {
            slots = List.copyOf(slots);
        }

        /** One whose replay goes well. */
        public Replica(
                String systemId,
                Position position,
                Lsn replayed,
                Optional<Receiver> receiver,
                long still,
                long lagMillis,
                List<Slot> slots,
                long probe,
                Archiving archiving) {
            this(
                    systemId,
                    position,
                    replayed,
                    receiver,
                    still,
                    lagMillis,
                    slots,
                    probe,
                    archiving,
                    Optional.empty(),
                    Optional.empty());
        }

        public Replica with(Replay its) {
            return new Replica(
                    systemId,
                    position,
                    replayed,
                    receiver,
                    still,
                    lagMillis,
                    slots,
                    probe,
                    archiving,
                    Optional.of(its),
                    horizon);
        }

        public boolean streaming() {
            return receiver.isPresent() && receiver.get().streaming();
        }
    }

    /**
     * The postmaster lives and does not let anybody in yet.
     *
     * @param since milliseconds
     * @param spoke it said so itself (57P03), so it lives
     */
    record Starting(long since, boolean spoke) implements LocalServer {
        public Starting(long since) {
            this(since, false);
        }
    }

    /**
     * It was told to stop and has not ended yet.
     *
     * @param since milliseconds
     */
    record Stopping(long since) implements LocalServer {}

    /**
     * No process of it lives.
     *
     * @param crashed it ended without being told to
     */
    record Stopped(boolean crashed, Remains remains) implements LocalServer {}

    /** There is no data directory. */
    record Empty() implements LocalServer {}

    /**
     * The postmaster lives, or may live, and does not answer in time.
     *
     * @param since milliseconds since it last answered
     * @param spoke it answered, with an error: it lives
     * @param primary it refuses only its agent, as far as can be known: its runner says that it
     *     runs as a primary, and it lets others in
     */
    record Unreachable(String reason, long since, boolean spoke, boolean primary)
            implements LocalServer {
        public Unreachable(String reason, long since, boolean spoke) {
            this(reason, since, spoke, false);
        }

        /** Others may write here, if its runner guards the term that is in force. */
        public boolean writes(Runner runner, long term) {
            return primary && runner.armed() == term;
        }
    }

    /**
     * What {@code pg_controldata} says of a stopped server.
     *
     * @param control e.g. "in production", "shut down", "shut down in recovery"
     */
    record Remains(String systemId, int timeline, Lsn checkpoint, String control) {
        /** It last ran as a primary: its WAL may go beyond what any other node has. */
        public boolean wasPrimary() {
            return !control.equals("shut down in recovery")
                    && !control.equals("in archive recovery");
        }

        public boolean cleanPrimary() {
            return control.equals("shut down");
        }
    }

    /**
     * @param names {@code synchronous_standby_names} as a new session sees it
     * @param waits how many commits of our own, each begun after these names were seen, were seen
     *     waiting for a standby; not counted further than {@link SyncProof#ENOUGH}
     * @param cancelled commits, since the agent's start and at least, whose wait was ended by
     *     somebody else than the standby
     */
    record Synchronous(String names, int waits, long cancelled) {
        public Synchronous(String names, int waits) {
            this(names, waits, 0);
        }
    }

    /**
     * A row of {@code pg_stat_replication}.
     *
     * @param flushed what the standby has made durable, as it last told
     * @param stuck milliseconds that {@code flushed} has not moved although there is more WAL
     */
    record Walsender(String name, String state, String syncState, Lsn flushed, long stuck) {
        public boolean streaming() {
            return state.equals("streaming");
        }
    }

    /**
     * What sessions are doing that a stop would break off.
     *
     * @param oldestTransactionSeconds of the client transaction that is open longest; 0 if none is
     * @param openTransactions of clients, ours not counted
     * @param logicalSlots that would stay behind on the old primary
     */
    record Activity(long oldestTransactionSeconds, int openTransactions, int logicalSlots) {
        public static final Activity NONE = new Activity(0, 0, 0);
    }

    /** The row of {@code pg_stat_wal_receiver}. */
    record Receiver(boolean streaming, String host, int port) {}

    /**
     * A physical slot.
     *
     * @param lost the WAL that it stood for has been removed
     * @param pins it has an xmin: dead rows that are younger are kept for its owner
     */
    record Slot(String name, boolean active, boolean lost, Lsn restart, boolean pins) {
        public Slot(String name, boolean active, boolean lost, Lsn restart) {
            this(name, active, lost, restart, false);
        }
    }

    /** What its archiver does; nothing where no server answers. */
    default Archiving archiver() {
        return switch (this) {
            case Primary primary -> primary.archiving();
            case Replica replica -> replica.archiving();
            case Starting s -> Archiving.OFF;
            case Stopping s -> Archiving.OFF;
            case Stopped s -> Archiving.OFF;
            case Empty e -> Archiving.OFF;
            case Unreachable u -> Archiving.OFF;
        };
    }

    /** What keeps dead rows there; nothing where no server answers. */
    default Horizon oldest() {
        return switch (this) {
            case Primary primary -> primary.horizon().orElse(Horizon.NONE);
            case Replica replica -> replica.horizon().orElse(Horizon.NONE);
            case Starting s -> Horizon.NONE;
            case Stopping s -> Horizon.NONE;
            case Stopped s -> Horizon.NONE;
            case Empty e -> Horizon.NONE;
            case Unreachable u -> Horizon.NONE;
        };
    }

    /** Its system identifier, as far as it can be known now. */
    default Optional<String> systemIdentifier() {
        return switch (this) {
            case Primary primary -> Optional.of(primary.systemId());
            case Replica replica -> Optional.of(replica.systemId());
            case Stopped stopped -> Optional.of(stopped.remains().systemId());
            case Starting s -> Optional.empty();
            case Stopping s -> Optional.empty();
            case Empty e -> Optional.empty();
            case Unreachable u -> Optional.empty();
        };
    }
}
