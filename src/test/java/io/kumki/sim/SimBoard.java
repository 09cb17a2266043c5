package io.kumki.sim;

import io.kumki.agent.Report;
import io.kumki.agent.port.PeerBoard;
import io.kumki.sim.SimNetwork.Kind;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Asks every peer for its report at each tick, and waits for those that answered the last time. */
final class SimBoard implements PeerBoard {
    private static final long DEADLINE_MILLIS = 300;

    private record Answer(Report report, long madeAt, long arrivedAt) {}

    private final SimAgent agent;
    private final Map<String, Answer> answers = new TreeMap<>();
    private final Set<String> waitedFor = new HashSet<>();
    private Optional<Report> mine = Optional.empty();
    private long mineAt;
    private long lastBegan = Long.MIN_VALUE;
    private long began = Long.MIN_VALUE;
    private Optional<UniEmitter<? super List<Heard>>> waiting = Optional.empty();
    private int round;

    SimBoard(SimAgent agent) {
        this.agent = agent;
        waitedFor.addAll(agent.others());
    }

    @Override
    public Uni<List<Heard>> exchange(Report report) {
        return Uni.createFrom()
                .emitter(
                        emitter -> {
                            begin(report);
                            waiting = Optional.of(emitter);
                            int thisRound = ++round;
                            agent.later(DEADLINE_MILLIS, () -> end(thisRound));
                            agent.others().forEach(this::ask);
                            if (waitedFor.isEmpty()) {
                                agent.later(1, () -> end(thisRound));
                            }
                        });
    }

    private void begin(Report report) {
        mine = Optional.of(report);
        mineAt = agent.clock();
        lastBegan = began;
        began = agent.clock();
    }

    private void ask(String peer) {
        var cluster = agent.cluster();
        long sent = agent.clock();
        cluster.network.send(
                agent.name(),
                peer,
                Kind.AGENT,
                () -> cluster.node(peer).reach(there -> there.board().answer(this, peer, sent)));
    }

    private void answer(SimBoard asker, String me, long sent) {
        answer().ifPresent(
                        heard ->
                                agent.cluster()
                                        .network
                                        .send(
                                                me,
                                                asker.agent.name(),
                                                Kind.AGENT,
                                                asker.agent.received(
                                                        () -> asker.take(me, sent, heard))));
    }

    /** The voter's state is told as of now: it may have lost its past since the last tick. */
    private Optional<Heard> answer() {
        return mine.map(r -> new Heard(r.with(agent.voter()), agent.clock() - mineAt));
    }

    private void take(String peer, long sent, Heard heard) {
        if (agent.refuses(heard.report())) {
            return;
        }
        answers.put(peer, new Answer(heard.report(), sent - heard.age(), agent.clock()));
        agent.heardVoter(peer, heard.report().voter());
        int thisRound = round;
        if (waitedFor.stream().allMatch(this::hasAnswered)) {
            end(thisRound);
        }
    }

    private boolean hasAnswered(String peer) {
        return answers.containsKey(peer) && answers.get(peer).arrivedAt() >= began;
    }

    private void end(int thisRound) {
        if (thisRound != round || waiting.isEmpty()) {
            return;
        }
        var emitter = waiting.get();
        waiting = Optional.empty();
        var heard = new ArrayList<Heard>();
        answers.forEach(
                (peer, answer) -> {
                    long since = waitedFor.contains(peer) ? began : lastBegan;
                    if (answer.arrivedAt() >= since) {
                        heard.add(new Heard(answer.report(), agent.clock() - answer.madeAt()));
                    }
                });
        waitedFor.clear();
        heard.forEach(h -> waitedFor.add(h.report().node().name()));
        emitter.complete(heard);
    }
}
