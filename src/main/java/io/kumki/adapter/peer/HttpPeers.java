package io.kumki.adapter.peer;

import com.fasterxml.jackson.databind.JsonNode;
import io.kumki.agent.Report;
import io.kumki.agent.port.PeerBoard;
import io.kumki.agent.port.Voters;
import io.kumki.core.consensus.Message;
import io.kumki.core.consensus.Reply;
import io.kumki.core.model.Agreed;
import io.kumki.core.model.HostPort;
import io.kumki.core.model.NodeId;
import io.kumki.tls.Rotation;
import io.kumki.wire.Json;
import io.smallrye.mutiny.Uni;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import io.vertx.ext.web.client.WebClientOptions;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.core.buffer.Buffer;
import io.vertx.mutiny.ext.web.client.HttpRequest;
import io.vertx.mutiny.ext.web.client.HttpResponse;
import io.vertx.mutiny.ext.web.client.WebClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;
import org.jboss.logging.Logger;

/**
 * The other agents over HTTP: reports both ways at each tick, and the register's messages. Every
 * call has a deadline, and nobody who was silent the last time is waited for.
 */
public final class HttpPeers implements PeerBoard, Voters {
    /** Names the agent that calls, as node/incarnation. */
    public static final String SENDER = "Kumki-Agent";

    /** Whom the agent that calls counts as voters, with commas. */
    public static final String VOTERS = "Kumki-Voters";

    /**
     * A wish is a write to the register by all voters' disks, which no report waits for. Less than
     * the command line waits for its own answer.
     */
    private static final Duration WISH = Duration.ofSeconds(10);

    private static final String CALLER = "Kumki-Caller";

    private static final Logger LOG = Logger.getLogger(HttpPeers.class);

    private final WebClient client;
    private final Map<NodeId, HostPort> addresses;
    private final Terms terms;
    private final String names;
    private final Executor loop;
    private final Function<Message, Uni<Reply>> own;
    private final ConcurrentMap<NodeId, Noted> heard = new ConcurrentHashMap<>();
    private final ConcurrentMap<NodeId, String> incarnations = new ConcurrentHashMap<>();
    private final Complaints complaints = new Complaints();

    /**
     * How to talk.
     *
     * @param patience how long one call may take
     * @param fresh how long a report counts as heard
     */
    public record Terms(
            NodeId self,
            String incarnation,
            String cluster,
            String token,
            Duration patience,
            Duration fresh) {}

    /**
     * @param tls empty: plain HTTP
     * @param addresses of all agents but ours
     * @param own our own voter
     * @param loop on which answers are given
     */
    public HttpPeers(
            Vertx vertx,
            Optional<Rotation> tls,
            Map<NodeId, HostPort> addresses,
            Terms terms,
            Function<Message, Uni<Reply>> own,
            Executor loop) {
        this.client = WebClient.create(vertx, options(tls, terms));
        this.addresses = new TreeMap<>(addresses);
        this.terms = terms;
        this.names = voters().stream().map(NodeId::name).collect(Collectors.joining(","));
        this.own = own;
        this.loop = loop;
    }

    private static WebClientOptions options(Optional<Rotation> tls, Terms terms) {
        var options =
                new WebClientOptions()
                        .setConnectTimeout((int) terms.patience().toMillis())
                        .setKeepAlive(true)
                        .setMaxPoolSize(4);
        tls.ifPresent(
                rotation ->
                        options.setSsl(true)
                                .setVerifyHost(true)
                                .setKeyCertOptions(KeyCertOptions.wrap(rotation.keys()))
                                .setTrustOptions(TrustOptions.wrap(rotation.authority())));
        return options;
    }

    @Override
    public Uni<List<Heard>> exchange(Report mine) {
        var body = Buffer.buffer(Json.write(mine));
        long began = System.nanoTime();
        var calls = new ArrayList<Uni<Object>>();
        addresses.forEach(
                (node, address) -> {
                    boolean expected = heard.containsKey(node);
                    var call =
                            call(address, "/peer/v1/report", body)
                                    .invoke(r -> note(node, r))
                                    .onFailure(SSLException.class)
                                    .invoke(
                                            f ->
                                                    Distrust.told(address, f)
                                                            .ifPresent(t -> complain(node, t)));
                    if (expected) {
                        calls.add(
                                call.onFailure()
                                        .invoke(f -> forget(node, began))
                                        .replaceWith((Object) node)
                                        .onFailure()
                                        .recoverWithItem(node));
                    } else {
                        call.subscribe().with(ok -> {}, silent -> {});
                    }
                });
        var all =
                calls.isEmpty()
                        ? Uni.createFrom().item(List.<Object>of())
                        : Uni.join().all(calls).andCollectFailures();
        return all.map(done -> fresh())
                .onFailure()
                .recoverWithItem(failure -> fresh())
                .emitOn(loop);
    }

    /** Not if it has spoken by itself in the meantime. */
    private void forget(NodeId node, long began) {
        heard.computeIfPresent(node, (n, last) -> last.at() < began ? null : last);
    }

    private void note(NodeId node, HttpResponse<Buffer> response) {
        if (response.statusCode() != 200) {
            complain(node, response.bodyAsString());
            return;
        }
        var report = Json.read(response.bodyAsString(), Report.class);
        if (accept(node, report).isEmpty()) {
            incarnations.put(node, report.incarnation());
        }
    }

    /**
     * A report that a peer sent by itself. It counts only from the agent that answers at the peer's
     * address: a copied configuration makes a second agent of one name, which must not vote.
     *
     * @return why it is refused, if it is
     */
    public Optional<String> accept(Report report) {
        return stranger(report.node() + "/" + report.incarnation())
                .or(() -> accept(report.node(), report));
    }

    /**
     * Whether a caller is not the agent that answers at its node's address. A copy of it, with its
     * voter's state, would make two majorities that do not meet.
     *
     * @param sender node/incarnation
     * @return why it is refused, if it is
     */
    public Optional<String> stranger(String sender) {
        int slash = sender.indexOf('/');
        if (slash < 1) {
            return Optional.of("the caller does not say who it is");
        }
        var node = new NodeId(sender.substring(0, slash));
        var known = incarnations.get(node);
        if (known == null || known.equals(sender.substring(slash + 1))) {
            return Optional.empty();
        }
        var twin =
                "two agents are called %s, or it has just restarted: only the one at %s counts"
                        .formatted(node, addresses.get(node));
        complain(node, twin);
        return Optional.of(twin);
    }

    /**
     * Whether a caller counts votes among others than we do: then its majority need not meet ours.
     *
     * @param voters with commas; empty from a version that does not tell
     * @return why it is refused, if it is
     */
    public Optional<String> tooFar(String sender, String voters) {
        if (voters.isEmpty()) {
            return Optional.empty();
        }
        var theirs =
                Arrays.stream(voters.split(","))
                        .map(NodeId::new)
                        .collect(Collectors.toCollection(TreeSet::new));
        return Agreed.near(voters(), theirs)
                ? Optional.empty()
                : Optional.of(
                        "%s counts the votes of %s, this node of %s; make `peers` the same"
                                .formatted(sender, theirs, voters()));
    }

    private TreeSet<NodeId> voters() {
        var voters = new TreeSet<>(addresses.keySet());
        voters.add(terms.self());
        return voters;
    }

    private void complain(NodeId node, String complaint) {
        if (complaints.note(node, complaint, System.nanoTime() / 1_000_000)) {
            LOG.warnf("peer node=%s refused because=\"%s\"", node, complaint);
        }
    }

    private Optional<String> accept(NodeId expected, Report report) {
        var complaint = complaint(expected, report);
        if (complaint.isPresent()) {
            complain(expected, complaint.get());
        } else {
            heard.merge(expected, new Noted(report, System.nanoTime()), Noted::after);
        }
        return complaint;
    }

    private Optional<String> complaint(NodeId expected, Report report) {
        if (!report.cluster().equals(terms.cluster())) {
            return Optional.of(
                    "%s belongs to cluster \"%s\", this is \"%s\""
                            .formatted(report.node(), report.cluster(), terms.cluster()));
        }
        if (report.node().equals(terms.self())) {
            return Optional.of(
                    "two agents are called %s; give one another `node`".formatted(terms.self()));
        }
        if (!report.node().equals(expected)) {
            return Optional.of(
                    "%s answers at the address of %s; correct `peers`"
                            .formatted(report.node(), expected));
        }
        var voters = voters();
        if (!voters.equals(report.voters())) {
            return Optional.of(
                    "%s is configured with the voters %s, this node with %s; make `peers` the same"
                            .formatted(report.node(), report.voters(), voters));
        }
        return Optional.empty();
    }

    private List<Heard> fresh() {
        long now = System.nanoTime();
        return heard.values().stream()
                .map(n -> new Heard(n.report(), (now - n.at()) / 1_000_000))
                .filter(h -> h.age() <= terms.fresh().toMillis())
                .toList();
    }

    @Override
    public Uni<Reply> send(String voter, Message message) {
        var node = new NodeId(voter);
        var answer =
                node.equals(terms.self())
                        ? own.apply(message)
                        : call(
                                        addresses.get(node),
                                        "/peer/v1/register",
                                        Buffer.buffer(Json.writeAs(Message.class, message)))
                                .map(r -> Json.read(r.bodyAsString(), Reply.class));
        return answer.emitOn(loop);
    }

    /**
     * Passes an operator's wish on to another agent.
     *
     * @param caller whose wish it is
     * @return what it answered; fails with {@link Refused} if it refused, with anything else if
     *     nobody can know what became of the wish
     */
    public Uni<String> operate(NodeId node, String wish, Map<String, Object> body, String caller) {
        var address = addresses.get(node);
        var request = request(address, "/api/v1/" + wish).putHeader(CALLER, caller);
        return answer(request, address, Buffer.buffer(Json.write(body)), WISH)
                .map(
                        response -> {
                            var message =
                                    Json.read(response.bodyAsString(), JsonNode.class)
                                            .path("message")
                                            .asText();
                            if (response.statusCode() != 200) {
                                throw new Refused(message);
                            }
                            return message;
                        });
    }

    /** Another agent said no; the message says why. */
    public static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    private Uni<HttpResponse<Buffer>> call(HostPort address, String path, Buffer body) {
        return answer(request(address, path), address, body, terms.patience());
    }

    private static Uni<HttpResponse<Buffer>> answer(
            HttpRequest<Buffer> request, HostPort address, Buffer body, Duration patience) {
        return request.timeout(patience.toMillis())
                .sendBuffer(body)
                .ifNoItem()
                .after(patience)
                .failWith(() -> new TimeoutException("no answer from " + address));
    }

    private HttpRequest<Buffer> request(HostPort address, String path) {
        return client.post(address.port(), address.host(), path)
                .putHeader("Authorization", "Bearer " + terms.token())
                .putHeader("Content-Type", "application/json")
                .putHeader(SENDER, terms.self() + "/" + terms.incarnation())
                .putHeader(VOTERS, names);
    }
}
