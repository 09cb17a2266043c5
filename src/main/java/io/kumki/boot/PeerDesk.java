package io.kumki.boot;

import io.kumki.adapter.peer.HttpPeers;
import io.kumki.adapter.register.Voter;
import io.kumki.agent.Report;
import io.kumki.agent.StatusBoard;
import io.kumki.agent.port.RecordCodec;
import io.kumki.api.PeerCalls;
import io.kumki.api.RefusedException;
import io.kumki.core.consensus.Message;
import io.kumki.core.consensus.Reply;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.NodeId;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What peers ask of us. */
final class PeerDesk implements PeerCalls {
    private static final Duration STALE = Duration.ofSeconds(5);

    private final HttpPeers peers;
    private final Voter voter;
    private final StatusBoard board;
    private final RecordCodec codec;
    private final Runnable poke;
    private final Map<NodeId, Gist> gists = new ConcurrentHashMap<>();
    private volatile Optional<Tale> lastAccepted = Optional.empty();

    /** What makes a report worth a tick of its own. */
    private record Gist(
            Class<?> server,
            long armed,
            boolean votes,
            boolean draining,
            Optional<Stance> stance,
            Optional<Tale> tale) {}

    /** Whether its doors are ready for a stop; how many sessions they wait for is no news. */
    private record Stance(boolean holding, boolean quiet) {}

    private record Tale(long term, boolean released, Object wishes, Object safety, Object agreed) {}

    PeerDesk(HttpPeers peers, Voter voter, StatusBoard board, RecordCodec codec, Runnable poke) {
        this.peers = peers;
        this.voter = voter;
        this.board = board;
        this.codec = codec;
        this.poke = poke;
    }

    @Override
    public Optional<String> complaint(Report report) {
        var complaint = peers.accept(report);
        if (complaint.isPresent()) {
            poke.run();
        } else {
            var gist = gist(report);
            if (!gist.equals(gists.put(report.node(), gist))) {
                poke.run();
            }
        }
        return complaint;
    }

    private Gist gist(Report report) {
        var value = report.voter().value();
        Optional<ClusterRecord> seen =
                value.isEmpty() ? Optional.empty() : Optional.of(codec.decode(value));
        return new Gist(
                report.body().server().getClass(),
                report.body().runner().armed(),
                report.voter().votes(),
                report.body().handover().draining(),
                report.body().handover().doors().map(d -> new Stance(d.holding(), d.busy() == 0)),
                seen.map(
                        r ->
                                new Tale(
                                        r.tenure().term(),
                                        r.tenure().released(),
                                        r.wishes(),
                                        r.safety(),
                                        r.agreed())));
    }

    /**
     * Our last report with the voter's state of this moment; empty before the first tick, and when
     * the ticks have stopped: nobody shall count on a server that is not looked after.
     */
    @Override
    public Optional<Report> report() {
        return board.last()
                .filter(s -> board.age().compareTo(STALE) < 0)
                .map(s -> s.reports().get(0))
                .map(r -> r.with(voter.report()));
    }

    @Override
    public Uni<Reply> vote(String sender, String voters, Message message) {
        var stranger = peers.stranger(sender).or(() -> peers.tooFar(sender, voters));
        if (stranger.isPresent()) {
            // Perhaps it has just restarted: its address will tell in the tick that begins now.
            poke.run();
            return Uni.createFrom().failure(new RefusedException(stranger.get()));
        }
        return voter.handle(message)
                .invoke(
                        reply -> {
                            if (message instanceof Message.Accept accept) {
                                noteAccepted(accept);
                            }
                        });
    }

    /** A released lease, a wish, a setting or a new term is news at once, a renewal is not. */
    private void noteAccepted(Message.Accept accept) {
        if (accept.value().isEmpty()) {
            return;
        }
        var now = codec.decode(accept.value());
        var tale =
                new Tale(
                        now.tenure().term(),
                        now.tenure().released(),
                        now.wishes(),
                        now.safety(),
                        now.agreed());
        if (!Optional.of(tale).equals(lastAccepted)) {
            lastAccepted = Optional.of(tale);
            poke.run();
        }
    }
}
