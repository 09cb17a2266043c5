package io.kumki.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.kumki.core.model.HostPort;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.awaitility.core.ConditionTimeoutException;

/** What a bystander can see of a running cluster, and waits for until it is so. */
final class Onlooker {
    /** Nothing here depends on being fast: the machine may be busy. */
    static final Duration PATIENCE = Duration.ofSeconds(180);

    private static final Duration PAUSE = Duration.ofMillis(150);
    private static final int LAST_LINES = 8;

    final List<Member> members;
    final Agents agents;
    final Login superuser;
    private final HostPort witness;
    private final boolean sync;

    Onlooker(List<Member> members, HostPort witness, Agents agents, Login superuser, boolean sync) {
        this.members = List.copyOf(members);
        this.witness = witness;
        this.agents = agents;
        this.superuser = superuser;
        this.sync = sync;
    }

    Agents agents() {
        return agents;
    }

    HostPort witness() {
        return witness;
    }

    Member member(String name) {
        return members.stream().filter(m -> m.name().equals(name)).findFirst().orElseThrow();
    }

    List<Member> except(Member one) {
        return members.stream().filter(m -> !m.equals(one)).toList();
    }

    /** The only other node of two. */
    Member other(Member one) {
        return except(one).get(0);
    }

    /** What the agents that answer think of the cluster. */
    List<JsonNode> views() {
        return apis().map(a -> agents.read(a, "/api/v1/cluster"))
                .flatMap(Optional::stream)
                .toList();
    }

    private Stream<HostPort> apis() {
        return Stream.concat(members.stream().map(Member::api), Stream.of(witness));
    }

    /** Waits until one leads, replicas stream, all agents agree; returns who leads. */
    Member healthy() {
        return member(
                "a healthy cluster",
                () -> {
                    assertThat(missing()).isEmpty();
                    return leader();
                });
    }

    /** Waits until another one than {@code old} leads and accepts writes. */
    Member successorOf(Member old) {
        return member("a leader other than " + old, () -> leader().filter(l -> !l.equals(old)));
    }

    /** A wait in vain is told with what the nodes say: asked for once, not at each look. */
    private Member member(String what, Look<Member> look) {
        try {
            return found(what, look);
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(e.getMessage() + "\n" + report(), e);
        }
    }

    /** Waits until the look finds one; returns that one, for a second look may find none. */
    static <T> T found(String what, Look<T> look) {
        var found = new AtomicReference<T>();
        eventually(what, () -> found.set(look.look().orElseThrow()));
        return found.get();
    }

    /** Empty while there is nothing to be found. */
    interface Look<T> {
        Optional<T> look() throws Exception;
    }

    static void eventually(String what, ThrowingCheck check) {
        await(what)
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(PAUSE)
                .ignoreExceptions()
                .untilAsserted(check::run);
    }

    /** A look that may fail while things are not yet as they shall be. */
    interface ThrowingCheck {
        void run() throws Exception;
    }

    /** Whose /primary says 200. */
    Optional<Member> leader() {
        return members.stream().filter(m -> agents.check(m.api(), "/primary") == 200).findFirst();
    }

    /** The register's set of nodes that are safe to promote, as {@code seenBy} sees it. */
    List<String> safe(Member seenBy) {
        var view = agents.read(seenBy.api(), "/api/v1/cluster").orElseThrow();
        return StreamSupport.stream(view.path("safe").spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    /** What its own agent decided last; empty text if it says nothing. */
    String rule(Member node) {
        return agents.read(node.api(), "/api/v1/cluster").map(v -> v.path("nodes")).stream()
                .flatMap(nodes -> StreamSupport.stream(nodes.spliterator(), false))
                .filter(n -> n.path("name").asText().equals(node.name()))
                .map(n -> n.path("rule").asText())
                .findFirst()
                .orElse("");
    }

    /** The newest change of the leader. */
    JsonNode receipt() {
        return apis().map(a -> agents.read(a, "/api/v1/history"))
                .flatMap(Optional::stream)
                .findFirst()
                .map(h -> h.path(0))
                .orElseThrow();
    }

    void resumeIfPaused() {
        if (views().stream().anyMatch(view -> view.path("paused").asBoolean())) {
            agents.operate(witness, "resume", "");
        }
    }

    /** When the server of this node was started: another instant after a restart. */
    String startedAt(Member node) {
        try {
            return superuser.ask(node.server(), "select pg_postmaster_start_time()");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<String> missing() throws SQLException {
        var missing = new ArrayList<String>();
        var views = views();
        if (views.size() < members.size() + 1) {
            missing.add("an answer of every agent");
        }
        if (views.stream().map(v -> v.path("leader").asText() + v.path("term")).distinct().count()
                != 1) {
            missing.add("agreement on the leader");
        }
        var leader = leader();
        if (leader.isEmpty()) {
            missing.add("a primary");
            return missing;
        }
        var node = leader.get();
        var streaming = "select count(*) from pg_stat_replication where state = 'streaming'";
        if (Integer.parseInt(superuser.ask(node.server(), streaming)) != members.size() - 1) {
            missing.add("a stream to every replica of " + node);
        }
        if (except(node).stream().anyMatch(m -> agents.check(m.api(), "/replica") != 200)) {
            missing.add("a fit replica everywhere");
        }
        if (sync && safe(node).size() < 2) {
            missing.add("a synchronous replica");
        }
        return missing;
    }

    /** What each agent says, for the message of a wait in vain. */
    private String report() {
        var words =
                apis().map(a -> agents.read(a, "/api/v1/node"))
                        .flatMap(Optional::stream)
                        .map(n -> n.path("node"))
                        .map(
                                n ->
                                        Stream.of("name", "server", "rule", "because")
                                                .map(n::path)
                                                .map(JsonNode::asText)
                                                .toList()
                                                .toString());
        var logs =
                members.stream()
                        .flatMap(m -> Stream.of("runner.log", "agent.log").map(l -> end(m, l)));
        return String.join("\n", Stream.concat(words, logs).toList());
    }

    private static String end(Member node, String log) {
        var file = node.data().resolveSibling(log);
        if (!Files.exists(file)) {
            return "no " + file;
        }
        try (var lines = Files.lines(file)) {
            var all = lines.toList();
            var last = all.subList(Math.max(0, all.size() - LAST_LINES), all.size());
            return "the end of " + file + ":\n" + String.join("\n", last);
        } catch (IOException e) {
            return "cannot read " + file + ": " + e;
        }
    }
}
