package io.kumki.api;

import io.kumki.agent.Report;
import io.kumki.agent.Snapshot;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.LocalServer.Replica;
import io.kumki.core.model.Mode;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Position;
import io.kumki.core.model.Runner;
import io.kumki.core.model.View;
import io.kumki.wire.Json;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One node, as the answering agent sees it; docs/API.md.
 *
 * @param role a word of {@link Role}
 * @param server primary, replica, starting, stopping, stopped, empty, unreachable; empty text if
 *     there is none or it is not known
 * @param heard its agent was heard in this tick
 * @param address where its server listens; empty text if not known
 * @param timeline 0 if not known
 * @param lsn the end of the WAL that it has; empty text if not known
 * @param lagBytes behind the leader; -1 if not known or not a replica
 * @param lagMillis since the last replayed commit was made; -1 if not a replica
 * @param because why the rule applies, and what its runner could not do or ended
 * @param sync the register calls it safe to promote, in mode SYNC, and it does not lead
 * @param voter VOTING, or why it does not vote
 * @param work e.g. "clone 35 %"; empty text if none runs
 * @param diskFree bytes; -1 if not known
 * @param kept a replaced directory that may hold commits of its own; empty text if there is none
 * @param keptBytes of all such directories
 * @param notes what else is worth knowing of its server, a sentence each
 * @param archive "off", "on", or what is wrong; empty text if there is no server that answers
 */
@RegisterForReflection
public record NodeView(
        String name,
        String role,
        String server,
        boolean heard,
        String address,
        int timeline,
        String lsn,
        long lagBytes,
        long lagMillis,
        boolean streaming,
        boolean sync,
        String rule,
        String because,
        String voter,
        String work,
        long diskFree,
        String kept,
        long keptBytes,
        String archive,
        List<String> notes) {
    public NodeView {
        notes = List.copyOf(notes);
    }

    static NodeView of(Snapshot snapshot, Report report) {
        var view = snapshot.view();
        var body = report.body();
        var leads = view.leader().equals(Optional.of(report.node()));
        var position = position(body.server());
        var replica =
                body.server() instanceof Replica r ? Optional.of(r) : Optional.<Replica>empty();
        var lag = replica.map(r -> Trail.bytes(view, r).orElse(-1)).orElse(-1L);
        return new NodeView(
                report.node().name(),
                Role.of(leads, body.witness(), body.server()).word(),
                body.witness() ? "" : kind(body.server()),
                true,
                body.witness() ? "" : body.address().toString(),
                position.map(Position::timeline).orElse(0),
                position.map(p -> p.lsn().toString()).orElse(""),
                lag,
                replica.map(Replica::lagMillis).orElse(-1L),
                replica.map(Replica::streaming).orElse(false),
                !leads && sync(view, report.node()),
                report.verdict().rule(),
                because(report),
                report.voter().votes()
                        ? report.voter().standing().name()
                        : report.voter().standing() + ": " + report.voter().reason(),
                progress(body.runner().work()),
                body.runner().diskFree(),
                body.runner().work().kept(),
                body.runner().work().keptBytes(),
                archive(view, body.server()),
                notes(snapshot, report));
    }

    /**
     * A replay that stands still is told by a rule too, but not by an agent that decides otherwise.
     */
    private static List<String> notes(Snapshot snapshot, Report report) {
        var server = report.body().server();
        var notes = new ArrayList<String>();
        if (server instanceof Replica replica) {
            snapshot.routing().stopped(replica).ifPresent(notes::add);
        }
        var oldest = server.oldest();
        if (!oldest.stranded().isEmpty()) {
            notes.add("logical slots left behind: " + String.join(", ", oldest.stranded()));
        }
        if (server instanceof Primary && oldest.old()) {
            notes.add(
                    "%s keeps dead rows, its oldest transaction is %d old"
                            .formatted(oldest.holder(), oldest.age()));
        }
        notes.addAll(
                ConfigView.differs(
                        report, snapshot.view().register().flatMap(ClusterRecord::agreed)));
        return notes;
    }

    /** With the runner's own words, where they are not the rule's already. */
    private static String because(Report report) {
        var because = report.verdict().because();
        var trouble = report.body().runner().trouble();
        return because.contains(trouble) ? because : because + "; " + trouble;
    }

    static NodeView unheard(View view, NodeId node) {
        return new NodeView(
                node.name(),
                Role.UNHEARD.word(),
                "",
                false,
                "",
                0,
                "",
                -1,
                -1,
                false,
                sync(view, node) && !view.leader().equals(Optional.of(node)),
                "",
                "its agent was not heard",
                "",
                "",
                -1,
                "",
                0,
                "",
                List.of());
    }

    private static boolean sync(View view, NodeId node) {
        return view.register()
                .filter(r -> r.safety().mode() == Mode.SYNC && r.safety().safe().contains(node))
                .isPresent();
    }

    /** The same word as in reports between agents. */
    private static String kind(LocalServer server) {
        return Json.MAPPER.valueToTree(server).path("is").asText();
    }

    private static String archive(View view, LocalServer server) {
        if (!(server instanceof Primary || server instanceof Replica)) {
            return "";
        }
        var archiving = server.archiver();
        return archiving
                .trouble(view.settings().maxBacklog())
                .orElse(archiving.on() ? "on" : "off");
    }

    static Optional<Position> position(LocalServer server) {
        return switch (server) {
            case Primary primary -> Optional.of(primary.position());
            case Replica replica -> Optional.of(replica.position());
            case LocalServer.Stopped stopped ->
                    Optional.of(
                            new Position(
                                    stopped.remains().timeline(), stopped.remains().checkpoint()));
            case LocalServer.Starting s -> Optional.empty();
            case LocalServer.Stopping s -> Optional.empty();
            case LocalServer.Empty e -> Optional.empty();
            case LocalServer.Unreachable u -> Optional.empty();
        };
    }

    private static String progress(Runner.Work work) {
        return work.job()
                .map(
                        job ->
                                work.total() > 0
                                        ? "%s %d %%"
                                                .formatted(job, work.bytes() * 100 / work.total())
                                        : "%s %d MB".formatted(job, work.bytes() >> 20))
                .orElse("");
    }
}
