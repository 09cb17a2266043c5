package io.kumki.core.consensus;

import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;

/** Nodes and the network between them, all driven by one seed. */
final class SimulatedCluster {

    private static final long ANSWER_DEADLINE_MILLIS = 300;

    /** Without a stack trace, because one is made for every message. */
    private static final class NoAnswer extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NoAnswer() {
            super("no answer", null, false, false);
        }
    }

    /** Deliberate bugs, to see that the simulation finds them. */
    enum Bug {
        VOTES_AFTER_LOSING_ITS_FILE,
        ANSWERS_BEFORE_THE_FSYNC,
        REUSES_RENEWAL_IDS,
        COUNTS_FROM_THE_ANSWER,
        COMPETES_WITHOUT_NAMING_THE_RENEWAL
    }

    final SimulatedTime time = new SimulatedTime();
    final Random random;
    final History history = new History();
    final Set<Bug> bugs;
    private final Map<String, SimulatedNode> nodes = new TreeMap<>();
    private final Set<String> cutLinks = new HashSet<>();
    private int lossPercent;
    private int doublingPercent;
    private long slowestMillis = 3;

    SimulatedCluster(long seed, int size, Function<String, String> renewalOf, Set<Bug> bugs) {
        this.random = new Random(seed);
        this.bugs = bugs;
        for (int i = 1; i <= size; i++) {
            nodes.put("n" + i, new SimulatedNode("n" + i, this, renewalOf));
        }
    }

    void start(Consumer<SimulatedNode> whenStarted) {
        nodes().forEach(node -> node.whenStarted(whenStarted));
        nodes().forEach(SimulatedNode::start);
    }

    List<SimulatedNode> nodes() {
        return new ArrayList<>(nodes.values());
    }

    Set<String> names() {
        return nodes.keySet();
    }

    Set<String> namesBut(String one) {
        var others = new TreeSet<>(nodes.keySet());
        others.remove(one);
        return others;
    }

    SimulatedNode any() {
        return nodes().get(random.nextInt(nodes.size()));
    }

    boolean bug(Bug which) {
        return bugs.contains(which);
    }

    void weather(int loss, int doubling, long slowest) {
        lossPercent = loss;
        doublingPercent = doubling;
        slowestMillis = slowest;
    }

    void cutOneWay(String from, String to) {
        cutLinks.add(from + ">" + to);
    }

    void isolate(String node) {
        for (var other : namesBut(node)) {
            cutOneWay(node, other);
            cutOneWay(other, node);
        }
    }

    void heal() {
        cutLinks.clear();
        weather(0, 0, 3);
        nodes().forEach(SimulatedNode::recover);
    }

    /** Repeats forever, at random intervals of this mean. */
    void often(long meanMillis, Runnable task) {
        time.after(
                1 + random.nextLong(2 * meanMillis),
                () -> {
                    task.run();
                    often(meanMillis, task);
                });
    }

    /** A voter's answer, or a failure when none came in time. */
    Uni<Reply> send(SimulatedNode from, String to, Message message) {
        return Uni.createFrom()
                .emitter(
                        answer -> {
                            from.later(ANSWER_DEADLINE_MILLIS, () -> answer.fail(new NoAnswer()));
                            ask(from, to, node -> node.vote(message), answer::complete);
                        });
    }

    /** Asks anything of another node; the question and its answer may be lost or doubled. */
    <T> void ask(
            SimulatedNode from,
            String to,
            Function<SimulatedNode, T> question,
            Consumer<T> onAnswer) {
        var there = nodes.get(to);
        int process = from.incarnation();
        carry(
                from.name(),
                to,
                () ->
                        there.reached(
                                () -> {
                                    var answer = question.apply(there);
                                    carry(
                                            to,
                                            from.name(),
                                            from.guarded(process, () -> onAnswer.accept(answer)));
                                }));
    }

    private void carry(String from, String to, Runnable arrive) {
        int copies = random.nextInt(100) < doublingPercent ? 2 : 1;
        for (int copy = 0; copy < copies; copy++) {
            boolean lost = random.nextInt(100) < lossPercent || cutLinks.contains(from + ">" + to);
            if (from.equals(to)) {
                time.after(0, arrive);
            } else if (!lost) {
                time.after(1 + random.nextLong(slowestMillis), arrive);
            }
        }
    }
}
