package io.kumki.adapter.alert;

import io.kumki.adapter.alert.Alert.Severity;
import io.kumki.adapter.alert.Condition.Speaker;
import io.kumki.agent.Report;
import io.kumki.agent.Snapshot;
import io.kumki.core.consensus.Standing;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Runner;
import io.kumki.core.model.View;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What each agent tells of itself. */
final class NodeConditions {
    private static final long DISK_LOW = 1L << 30;
    private static final long KEPT_LOW = 5L << 30;
    private static final long RUNNER_SILENT = 5_000;
    private static final long QUIET = 30_000;
    private static final long ARCHIVE = 10_000;
    private static final long FORMING = 60_000;
    private static final long SETTLED = 5_000;

    /** Ahead of a certificate's end. */
    private static final Duration SOON = Duration.ofDays(14);

    private NodeConditions() {}

    static Stream<Condition> of(Snapshot now, Optional<Instant> expires) {
        var view = now.view();
        var self = view.self();
        var own = now.reports().get(0);
        var common =
                Stream.concat(
                        Stream.of(abstains(self, own), twin(now, own), differs(now, own)),
                        expires.map(e -> certificate(self, e, now.at())).stream());
        return view.settings().witness()
                ? common
                : Stream.concat(
                        common,
                        Stream.of(
                                job(view, "rewind"),
                                job(view, "clone"),
                                order(self, view.local().runner()),
                                unordered(self, view.local().runner()),
                                openedShort(self, view.local().runner()),
                                disk(self, view.local().runner()),
                                kept(self, view.local().runner().work()),
                                keptFillsDisk(self, view.local().runner()),
                                archive(view),
                                runner(self, view.local().runner())));
    }

    private static Condition abstains(NodeId self, Report own) {
        var voter = own.voter();
        return new Condition(
                "abstains",
                !voter.votes(),
                voter.standing() == Standing.ABSTAINING ? 0 : FORMING,
                0,
                Speaker.US,
                Alert.of(
                                "voter-abstains",
                                Severity.WARNING,
                                "the voter of " + self + " does not vote",
                                voter.reason())
                        .with("standing", voter.standing()),
                Optional.of(
                        Alert.of(
                                "voter-votes",
                                Severity.INFO,
                                "the voter of " + self + " votes again",
                                "It counts for the majority.")));
    }

    private static Condition twin(Snapshot now, Report own) {
        boolean twin =
                now.reports().stream()
                        .anyMatch(
                                r ->
                                        r.node().equals(own.node())
                                                && !r.incarnation().equals(own.incarnation()));
        return new Condition(
                "twin",
                twin,
                0,
                QUIET,
                Speaker.US,
                Alert.of(
                        "two-agents",
                        Severity.CRITICAL,
                        "two agents are named " + own.node(),
                        "Stop one of them, or give it another name and its own state directory."),
                Optional.empty());
    }

    private static Condition differs(Snapshot now, Report own) {
        var differences =
                now.view()
                        .register()
                        .flatMap(ClusterRecord::agreed)
                        .map(own::differences)
                        .orElse(List.of());
        return new Condition(
                "settings",
                !differences.isEmpty(),
                SETTLED,
                0,
                Speaker.US,
                Alert.of(
                        "settings-differ",
                        Severity.WARNING,
                        "the file of %s is not what is agreed on".formatted(own.node()),
                        String.join("; ", differences)
                                + ". The agent goes by what is agreed on; correct the file, or"
                                + " change it everywhere with `kumki config set`."),
                Optional.of(
                        Alert.of(
                                "settings-agree",
                                Severity.INFO,
                                "the file of %s is what is agreed on".formatted(own.node()),
                                "Nothing differs any more.")));
    }

    private static Condition certificate(NodeId self, Instant expires, long at) {
        long left = Duration.between(Instant.ofEpochMilli(at), expires).toDays();
        return new Condition(
                "certificate",
                Instant.ofEpochMilli(at).plus(SOON).isAfter(expires),
                0,
                0,
                Speaker.US,
                Alert.of(
                                "certificate-expires",
                                left < 2 ? Severity.CRITICAL : Severity.WARNING,
                                "the certificate of %s expires at %s".formatted(self, expires),
                                "From then on it is no peer to the others. Replace the files; no"
                                        + " restart is needed. The other agents' are probably as"
                                        + " old.")
                        .with("expires", expires),
                Optional.of(
                        Alert.of(
                                        "certificate-renewed",
                                        Severity.INFO,
                                        "the certificate of %s was renewed".formatted(self),
                                        "It is valid until %s.".formatted(expires))
                                .with("expires", expires)));
    }

    private static Condition job(View view, String job) {
        var self = view.self();
        var runner = view.local().runner();
        boolean failed =
                runner.result() == Runner.Result.FAILED || runner.result() == Runner.Result.REFUSED;
        var kept =
                runner.work().salvage().isEmpty()
                        ? ""
                        : "\nWAL of its own (%d bytes) is kept in %s"
                                .formatted(runner.work().salvageBytes(), runner.work().salvage());
        var end =
                failed
                        ? Alert.of(
                                job + "-failed",
                                Severity.WARNING,
                                "the %s of %s failed".formatted(job, self),
                                runner.error())
                        : Alert.of(
                                job + "-done",
                                Severity.INFO,
                                "the %s of %s is done".formatted(job, self),
                                "It follows the leader as soon as its server is up." + kept);
        return new Condition(
                "job:" + job,
                runner.work().job().filter(j -> part(j).equals(job)).isPresent(),
                0,
                0,
                Speaker.US,
                Alert.of(
                                job + "-begun",
                                Severity.INFO,
                                "the %s of %s has begun".formatted(job, self),
                                "It rejoins from %s; `kumki status` shows how far it is."
                                        .formatted(runner.source()))
                        .with("source", runner.source()),
                Optional.of(end));
    }

    /** A rewind keeps the old WAL aside first: one piece of news, not two. */
    private static String part(String job) {
        return job.equals("salvage") ? "rewind" : job;
    }

    /** Orders are given again and again; one alert until there was quiet for a while. */
    private static Condition order(NodeId self, Runner runner) {
        boolean failed =
                runner.result() == Runner.Result.FAILED || runner.result() == Runner.Result.REFUSED;
        return new Condition(
                "order",
                failed,
                0,
                QUIET,
                Speaker.US,
                Alert.of(
                                "order-failed",
                                Severity.WARNING,
                                "an order to %s failed: %s".formatted(self, runner.order()),
                                runner.error())
                        .with("order", runner.order())
                        .with("result", runner.result()),
                Optional.empty());
    }

    /** Somebody promoted or started a server by hand: two of them could have taken writes. */
    private static Condition unordered(NodeId self, Runner runner) {
        return new Condition(
                "unordered",
                !runner.incident().isEmpty(),
                0,
                QUIET,
                Speaker.US,
                Alert.of(
                        "server-unordered",
                        Severity.CRITICAL,
                        "a server on %s that nobody ordered to write was ended".formatted(self),
                        runner.incident()),
                Optional.empty());
    }

    /** What the node had is still there: nobody else may need it, but somebody must look. */
    private static Condition openedShort(NodeId self, Runner runner) {
        return new Condition(
                "opened-short",
                runner.openedShort(),
                0,
                QUIET,
                Speaker.US,
                Alert.of(
                        "opened-short",
                        Severity.CRITICAL,
                        self + " had more than it would have opened with, and does not lead",
                        runner.error()),
                Optional.empty());
    }

    private static Condition disk(NodeId self, Runner runner) {
        long free = runner.diskFree();
        return new Condition(
                "disk",
                free >= 0 && free < DISK_LOW,
                0,
                QUIET,
                Speaker.US,
                Alert.of(
                                "disk-low",
                                Severity.WARNING,
                                "the disk of %s is almost full".formatted(self),
                                "%d MB are free. A full disk stops PostgreSQL; make room."
                                        .formatted(free >> 20))
                        .with("diskFree", free),
                Optional.of(
                        Alert.of(
                                        "disk-fine",
                                        Severity.INFO,
                                        "the disk of %s has room again".formatted(self),
                                        "%d MB are free.".formatted(free >> 20))
                                .with("diskFree", free)));
    }

    private static Condition kept(NodeId self, Runner.Work work) {
        return new Condition(
                "kept",
                !work.kept().isEmpty(),
                0,
                0,
                Speaker.US,
                Alert.of(
                                "directory-kept",
                                Severity.WARNING,
                                self + " keeps a directory with commits of its own",
                                ("%s was replaced by a clone and may hold commits that no other"
                                                + " node has. Look into it, then release it:"
                                                + " `touch %s/release`. Nothing deletes it before.")
                                        .formatted(work.kept(), work.kept()))
                        .with("kept", work.kept())
                        .with("keptBytes", work.keptBytes()),
                Optional.of(
                        Alert.of(
                                "directory-released",
                                Severity.INFO,
                                "%s keeps no replaced directory any more".formatted(self),
                                "It was released by a person.")));
    }

    private static Condition keptFillsDisk(NodeId self, Runner runner) {
        long free = runner.diskFree();
        return new Condition(
                "kept-disk",
                !runner.work().kept().isEmpty() && free >= 0 && free < KEPT_LOW,
                0,
                QUIET,
                Speaker.US,
                Alert.of(
                                "kept-fills-disk",
                                Severity.CRITICAL,
                                "the disk of %s gets full beside a kept directory".formatted(self),
                                ("%d MB are free, %d MB are in %s. Move it to another disk, or look"
                                                + " into it and release it. It is not deleted by"
                                                + " itself.")
                                        .formatted(
                                                free >> 20,
                                                runner.work().keptBytes() >> 20,
                                                runner.work().kept()))
                        .with("diskFree", free)
                        .with("kept", runner.work().kept()),
                Optional.empty());
    }

    /** PostgreSQL tries again after a second, then once a minute: one failure is no news. */
    private static Condition archive(View view) {
        var self = view.self();
        var archiving = view.local().server().archiver();
        var trouble = archiving.trouble(view.settings().maxBacklog());
        return new Condition(
                "archive",
                trouble.isPresent(),
                ARCHIVE,
                QUIET,
                Speaker.US,
                Alert.of(
                                "archive-stuck",
                                Severity.WARNING,
                                "WAL of %s does not get into the archive".formatted(self),
                                trouble.orElse("")
                                        + ". WAL is kept until it is archived and fills the disk;"
                                        + " backups get old. The server's log has the reason.")
                        .with("files", archiving.files())
                        .with("bytes", archiving.bytes())
                        .with("failedWal", archiving.failedWal()),
                Optional.of(
                        Alert.of(
                                "archive-well",
                                Severity.INFO,
                                "WAL of %s gets into the archive again".formatted(self),
                                "%d files wait.".formatted(Math.max(0, archiving.files())))));
    }

    private static Condition runner(NodeId self, Runner runner) {
        return new Condition(
                "runner",
                runner.silent() > RUNNER_SILENT,
                RUNNER_SILENT,
                0,
                Speaker.US,
                Alert.of(
                        "runner-silent",
                        Severity.CRITICAL,
                        "the runner of " + self + " is silent",
                        "PostgreSQL there can't be started or stopped. Restart the runner."),
                Optional.of(
                        Alert.of(
                                "runner-heard",
                                Severity.INFO,
                                "the runner of " + self + " is heard again",
                                "All is as before.")));
    }
}
