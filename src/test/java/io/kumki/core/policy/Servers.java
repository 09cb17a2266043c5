package io.kumki.core.policy;

import io.kumki.core.model.Archiving;
import io.kumki.core.model.HostPort;
import io.kumki.core.model.LocalServer.Activity;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.LocalServer.Receiver;
import io.kumki.core.model.LocalServer.Remains;
import io.kumki.core.model.LocalServer.Replica;
import io.kumki.core.model.LocalServer.Slot;
import io.kumki.core.model.LocalServer.Stopped;
import io.kumki.core.model.LocalServer.Synchronous;
import io.kumki.core.model.LocalServer.Walsender;
import io.kumki.core.model.Lsn;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Position;
import io.kumki.core.model.Replay;
import java.util.List;
import java.util.Optional;

/** Servers as the policy sees them; each method says what differs from a healthy one. */
final class Servers {
    static final String SYSTEM = "7351";
    static final Lsn HERE = Lsn.parse("0/50000000");
    static final long MEGABYTE = 1L << 20;
    static final long MAX_BACKLOG = 512 * MEGABYTE;

    private Servers() {}

    static Lsn bytesBefore(long bytes) {
        return new Lsn(HERE.bytes() - bytes);
    }

    static Slot slot(NodeId owner) {
        return new Slot(owner.slot(), true, false, HERE);
    }

    static Walsender walsender(String name, long behind, long stuck) {
        return new Walsender(name, "streaming", "sync", bytesBefore(behind), stuck);
    }

    /** What pg_controldata says of a stopped server on timeline 1. */
    static Stopped stopped(String control) {
        return stopped(control, 1, HERE);
    }

    static Stopped stopped(String control, int timeline, Lsn checkpoint) {
        return new Stopped(false, new Remains(SYSTEM, timeline, checkpoint, control));
    }

    static Stopped crashed() {
        return new Stopped(true, new Remains(SYSTEM, 1, HERE, "in production"));
    }

    static PrimaryIs primary() {
        return new PrimaryIs();
    }

    static ReplicaIs replica() {
        return new ReplicaIs();
    }

    /** Synchronous with bert, whose slot is there. */
    static final class PrimaryIs {
        private Position position = new Position(1, HERE);
        private int controlTimeline = 1;
        private long walSinceCheckpoint;
        private String names = "\"bert\"";
        private List<Walsender> walsenders = List.of(walsender("bert", 0, 0));
        private List<Slot> slots = List.of(slot(Views.BERT));
        private Activity activity = Activity.NONE;
        private Archiving archiving = Archiving.OFF;

        PrimaryIs archiving(Archiving how) {
            archiving = how;
            return this;
        }

        PrimaryIs onTimeline(int wal, int control) {
            position = new Position(wal, HERE);
            controlTimeline = control;
            return this;
        }

        PrimaryIs busyWith(Activity its) {
            activity = its;
            return this;
        }

        PrimaryIs toCheckpoint(long bytes) {
            walSinceCheckpoint = bytes;
            return this;
        }

        PrimaryIs waitingFor(String synchronousStandbyNames) {
            names = synchronousStandbyNames;
            return this;
        }

        PrimaryIs streamingTo(Walsender... all) {
            walsenders = List.of(all);
            return this;
        }

        PrimaryIs slots(Slot... all) {
            slots = List.of(all);
            return this;
        }

        Primary is() {
            return new Primary(
                    SYSTEM,
                    position,
                    controlTimeline,
                    walSinceCheckpoint,
                    "this morning",
                    new Synchronous(names, 2),
                    walsenders,
                    slots,
                    activity,
                    0,
                    archiving);
        }
    }

    /** Streams from anna, and anna's slot is there. */
    static final class ReplicaIs {
        private String system = SYSTEM;
        private Position position = new Position(1, HERE);
        private Optional<Receiver> receiver = Optional.of(receiving(Views.ADDRESS_OF_ANNA));
        private long still = 60_000;
        private List<Slot> slots = List.of(slot(Views.ANNA));
        private Archiving archiving = Archiving.OFF;
        private Replay replay = Replay.NONE;

        ReplicaIs replay(Replay how) {
            replay = how;
            return this;
        }

        ReplicaIs archiving(Archiving how) {
            archiving = how;
            return this;
        }

        private static Receiver receiving(HostPort from) {
            return new Receiver(true, from.host(), from.port());
        }

        ReplicaIs of(String otherSystem) {
            system = otherSystem;
            return this;
        }

        ReplicaIs at(int timeline, Lsn lsn) {
            position = new Position(timeline, lsn);
            return this;
        }

        ReplicaIs behind(long bytes) {
            return at(1, bytesBefore(bytes));
        }

        ReplicaIs streamingFrom(HostPort source) {
            receiver = Optional.of(receiving(source));
            return this;
        }

        ReplicaIs notStreaming() {
            receiver = Optional.empty();
            return this;
        }

        ReplicaIs movedBefore(long millis) {
            still = millis;
            return this;
        }

        ReplicaIs slots(Slot... all) {
            slots = List.of(all);
            return this;
        }

        Replica is() {
            return new Replica(
                            system,
                            position,
                            position.lsn(),
                            receiver,
                            still,
                            0,
                            slots,
                            0,
                            archiving)
                    .with(replay);
        }
    }
}
