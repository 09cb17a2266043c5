package io.kumki.adapter.alert;

import io.kumki.adapter.alert.Alert.Severity;
import io.kumki.adapter.alert.Condition.Speaker;
import io.kumki.agent.Snapshot;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.LocalServer.Replica;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.View;
import java.util.Optional;
import java.util.stream.Stream;

/** What an agent tells of the inside of its server: replay, dead rows, slots left behind. */
final class ServerConditions {
    private static final long REPLAY = 5_000;
    private static final long HELD = 60_000;
    private static final long STRANDED = 10_000;

    private ServerConditions() {}

    static Stream<Condition> of(Snapshot now) {
        return Stream.of(replay(now), held(now.view()), stranded(now.view()));
    }

    private static Condition replay(Snapshot now) {
        var self = now.view().self();
        var trouble =
                now.view().local().server() instanceof Replica replica
                        ? now.routing().stopped(replica)
                        : Optional.<String>empty();
        return new Condition(
                "replay",
                trouble.isPresent(),
                REPLAY,
                0,
                Speaker.US,
                Alert.of(
                        "replay-stopped",
                        Severity.WARNING,
                        "%s receives WAL and replays none of it".formatted(self),
                        trouble.orElse("") + ". It serves no reads until it replays again."),
                Optional.of(
                        Alert.of(
                                "replay-goes-on",
                                Severity.INFO,
                                self + " replays WAL again",
                                "It serves reads once it has caught up.")));
    }

    /** Told by the primary: there the rows stay, whoever holds them. */
    private static Condition held(View view) {
        var oldest = view.local().server().oldest();
        return new Condition(
                "held",
                view.local().server() instanceof Primary && oldest.old(),
                HELD,
                HELD,
                Speaker.US,
                Alert.of(
                                "vacuum-held",
                                Severity.WARNING,
                                "%s keeps dead rows from being removed".formatted(oldest.holder()),
                                ("The oldest transaction that it may still look at is %d"
                                                + " transactions old. Tables grow until it lets"
                                                + " go; at two billion PostgreSQL takes no more"
                                                + " writes.")
                                        .formatted(oldest.age()))
                        .with("holder", oldest.holder())
                        .with("age", oldest.age()),
                Optional.of(
                        Alert.of(
                                "vacuum-free",
                                Severity.INFO,
                                "dead rows can be removed again",
                                "Nobody holds an old transaction any more.")));
    }

    private static Condition stranded(View view) {
        var slots = String.join(", ", view.local().server().oldest().stranded());
        NodeId self = view.self();
        return new Condition(
                "stranded",
                !slots.isEmpty(),
                STRANDED,
                0,
                Speaker.US,
                Alert.of(
                                "slots-stranded",
                                Severity.WARNING,
                                "logical slots were left behind on %s: %s".formatted(self, slots),
                                "It leads no more, so nobody reads them. They keep WAL here and, by"
                                        + " hot_standby_feedback, dead rows on the primary. Their"
                                        + " consumers need new ones on the leader; then: select"
                                        + " pg_drop_replication_slot(...) on "
                                        + self)
                        .with("slots", slots),
                Optional.of(
                        Alert.of(
                                "slots-released",
                                Severity.INFO,
                                "no logical slot is left behind on " + self,
                                "Nothing is kept for them any more.")));
    }
}
