package io.kumki.adapter.alert;

import io.kumki.adapter.alert.Alert.Severity;
import io.kumki.agent.CrashWatch;
import io.kumki.agent.Snapshot;
import io.kumki.core.model.Action;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Episode;
import io.kumki.core.model.Lease;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.View;
import io.kumki.core.model.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What happened between two ticks. The leader tells what is in the register. */
final class News {
    private News() {}

    static List<Alert> between(Snapshot before, Snapshot now) {
        var alerts = new ArrayList<Alert>();
        if (now.view().lease() instanceof Lease.Mine) {
            alerts.addAll(receipts(before.view(), now.view()));
        }
        leaseEnded(before, now).ifPresent(alerts::add);
        waitsCancelled(before, now).ifPresent(alerts::add);
        return alerts;
    }

    /** A register that was not readable before says nothing new: it may all have been told. */
    private static List<Alert> receipts(View before, View now) {
        boolean readable = before.register().isPresent() || before.lease() instanceof Lease.Blank;
        if (!readable) {
            return List.of();
        }
        var alerts = new ArrayList<Alert>();
        for (var episode : now.register().map(ClusterRecord::history).orElse(List.of())) {
            var known =
                    before.register().map(ClusterRecord::history).orElse(List.of()).stream()
                            .filter(e -> e.term() == episode.term())
                            .findFirst()
                            .flatMap(Episode::opened);
            if (episode.opened().isPresent() && !episode.opened().equals(known)) {
                var opened = episode.opened().get();
                alerts.add(
                        known.isEmpty()
                                ? receipt(now, episode, opened)
                                : measured(episode, opened));
            }
        }
        return alerts;
    }

    private static Alert receipt(View view, Episode episode, Episode.Opened opened) {
        var cause = episode.cause().name().toLowerCase(Locale.ROOT);
        var timing = episode.timing();
        long total = timing.detection() + timing.election() + timing.promotion();
        var text =
                "Because: %s\nTook %s (noticed %s, elected %s, promoted %s). %s"
                        .formatted(
                                episode.reason(),
                                seconds(total),
                                seconds(timing.detection()),
                                seconds(timing.election()),
                                seconds(timing.promotion()),
                                loss(opened));
        return Alert.of(
                        cause,
                        severity(episode.cause()),
                        title(episode),
                        text
                                + alone(view, episode)
                                + "\nWAL was at %s, goes on at %s."
                                        .formatted(episode.before(), opened.position()))
                .with("leader", episode.leader())
                .with("address", view.local().address())
                .with("term", episode.term())
                .with("detectionMillis", timing.detection())
                .with("electionMillis", timing.election())
                .with("promotionMillis", timing.promotion())
                .with("lsnBefore", episode.before().lsn())
                .with("lsn", opened.position().lsn())
                .with("timeline", opened.position().timeline())
                .with("lostBytes", opened.lostBytes())
                .with("measured", opened.measured());
    }

    /** Told here, so that it is no second message of the same incident. */
    private static String alone(View view, Episode episode) {
        boolean fault =
                switch (episode.cause()) {
                    case FAILOVER, FORCED, RESUME -> true;
                    case BOOTSTRAP, ADOPTION, SWITCHOVER -> false;
                };
        boolean safe =
                view.register().stream()
                        .flatMap(r -> r.safety().safe().stream())
                        .anyMatch(node -> !node.equals(episode.leader()));
        return fault && !safe
                ? "\nNobody stands by until another node has rejoined; if that takes more than a"
                        + " minute, it is told."
                : "";
    }

    private static String title(Episode episode) {
        var what =
                switch (episode.cause()) {
                    case BOOTSTRAP -> "leads a new cluster";
                    case ADOPTION -> "leads a cluster that was adopted";
                    case RESUME -> "leads again";
                    case FAILOVER -> "leads after a failover";
                    case SWITCHOVER -> "leads after a switchover";
                    case FORCED -> "leads after a forced failover";
                };
        return "%s %s (term %d)".formatted(episode.leader(), what, episode.term());
    }

    private static Severity severity(Episode.Cause cause) {
        return switch (cause) {
            case FAILOVER, FORCED -> Severity.CRITICAL;
            case RESUME -> Severity.WARNING;
            case BOOTSTRAP, ADOPTION, SWITCHOVER -> Severity.INFO;
        };
    }

    private static String loss(Episode.Opened opened) {
        if (opened.measured()) {
            return opened.lostBytes() == 0
                    ? "Nothing acknowledged was lost."
                    : opened.lostBytes() + " bytes of WAL were lost.";
        }
        var known = opened.lostBytes() == 0 ? "" : "At least %d bytes of WAL are missing; ";
        return (known + "what is missing is measured when the old primary is back.")
                .formatted(opened.lostBytes());
    }

    private static Alert measured(Episode episode, Episode.Opened opened) {
        var where =
                opened.salvage().isEmpty()
                        ? "The old primary kept no WAL of its own."
                        : "The old primary's WAL is kept in " + opened.salvage();
        return Alert.of(
                        "loss-measured",
                        opened.lostBytes() == 0 ? Severity.INFO : Severity.CRITICAL,
                        opened.lostBytes() == 0
                                ? "term %d began without a loss".formatted(episode.term())
                                : "term %d began with a loss of %d bytes"
                                        .formatted(episode.term(), opened.lostBytes()),
                        loss(opened) + "\n" + where)
                .with("term", episode.term())
                .with("lostBytes", opened.lostBytes())
                .with("salvage", opened.salvage());
    }

    /** Nobody else took over, so there is no receipt. */
    static Alert crashed(NodeId self, CrashWatch.Crash crash) {
        var mended =
                switch (crash.by()) {
                    case POSTGRES -> "one of its processes died, and it recovered by itself";
                    case RUNNER -> "it ended without being told to, and was started in place";
                };
        return Alert.of(
                        "server-crashed",
                        crash.primary() ? Severity.WARNING : Severity.INFO,
                        "PostgreSQL on %s crashed and is back".formatted(self),
                        "After %s: %s. All its sessions were cut; nothing acknowledged is lost.%s"
                                .formatted(
                                        seconds(crash.millis()),
                                        mended,
                                        crash.error().isEmpty() ? "" : "\n" + crash.error()))
                .with("by", crash.by())
                .with("primary", crash.primary())
                .with("millis", crash.millis());
    }

    /** PostgreSQL acknowledges a commit whose wait is cancelled, and only the primary has it. */
    private static Optional<Alert> waitsCancelled(Snapshot before, Snapshot now) {
        long more = cancelled(now) - cancelled(before);
        if (more <= 0 || !(before.view().local().server() instanceof Primary)) {
            return Optional.empty();
        }
        return Optional.of(
                Alert.of(
                                "wait-cancelled",
                                Severity.WARNING,
                                "%d commits did not wait for the standby to the end"
                                        .formatted(more),
                                "Somebody cancelled their wait on %s: PostgreSQL acknowledged them"
                                                .formatted(now.view().self())
                                        + " all the same. Until the standby has caught up, a"
                                        + " failover would lose them.")
                        .with("commits", more));
    }

    private static long cancelled(Snapshot at) {
        return at.view().local().server() instanceof Primary primary
                ? primary.synchronous().cancelled()
                : 0;
    }

    /** Ours is gone, and we did not give it away ourselves. */
    private static Optional<Alert> leaseEnded(Snapshot before, Snapshot now) {
        boolean lost =
                before.view().lease() instanceof Lease.Mine
                        && !(now.view().lease() instanceof Lease.Mine);
        boolean given =
                before.decision().action() instanceof Action.Release
                        || now.view().register().filter(r -> r.tenure().released()).isPresent();
        if (!lost || given) {
            return Optional.empty();
        }
        var self = now.view().self();
        var server =
                "PostgreSQL on %s %s"
                        .formatted(
                                self,
                                now.view().local().server() instanceof Primary
                                        ? "is being stopped"
                                        : "does not accept writes");
        // Whether users notice it the receipt of the next leader tells, or no-leader in 10 s.
        var alert =
                now.view().lease() instanceof Lease.Theirs theirs
                        ? Alert.of(
                                "lease-ended",
                                Severity.INFO,
                                "%s is back and has learnt that %s leads now (term %d)"
                                        .formatted(self, theirs.holder(), theirs.term()),
                                server + "; it rejoins as a standby by itself.")
                        : Alert.of(
                                "lease-ended",
                                Severity.WARNING,
                                self + " has lost its lease",
                                "%s, so that another node may lead.\n%s: %s"
                                        .formatted(
                                                server,
                                                now.decision().rule().id(),
                                                now.decision().because()));
        return Optional.of(alert.with("leaseNow", Words.of(now.view().lease())));
    }

    private static String seconds(long millis) {
        return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
    }
}
