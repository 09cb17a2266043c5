package io.kumki.core.consensus;

import io.kumki.core.consensus.SimulatedCluster.Bug;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What an agent's loop does about the lease, and nothing else. */
final class SimulatedLeaseAgent {

    private static final LeaseRule RULE = new LeaseRule(2_000);
    private static final long CONTENDER_TICK_MILLIS = 300;
    private static final long REPORT_MILLIS = 100;

    /** The register's value: {@code term|holder|renewal id|position}. */
    private record Lease(int term, String holder, String renewal, int position) {
        static Lease parse(String value) {
            var parts = value.split("\\|", -1);
            return new Lease(
                    Integer.parseInt(parts[0]), parts[1], parts[2], Integer.parseInt(parts[3]));
        }

        String text() {
            return term + "|" + holder + "|" + renewal + "|" + position;
        }
    }

    private record Report(String renewal, long ageMillis) {}

    private final SimulatedNode node;
    private final SimulatedCluster cluster;
    private final SimulatedLeases leases;
    private Optional<String> mine = Optional.empty();
    private boolean undecided;
    private int attempts;
    private int positions;

    SimulatedLeaseAgent(SimulatedNode node, SimulatedCluster cluster, SimulatedLeases leases) {
        this.node = node;
        this.cluster = cluster;
        this.leases = leases;
    }

    static String renewalOf(String value) {
        return value.isEmpty() ? "" : Lease.parse(value).renewal();
    }

    void start() {
        node.later(cluster.random.nextLong(CONTENDER_TICK_MILLIS), this::tick);
    }

    private void tick() {
        if (!node.acceptor().votes()) {
            again(CONTENDER_TICK_MILLIS);
        } else if (mine.isPresent()) {
            attempt(mine, Lease.parse(mine.get()).term());
        } else {
            compete();
        }
    }

    private void again(long millis) {
        node.later(millis, this::tick);
    }

    private void attempt(Optional<String> expected, int term) {
        boolean sameId = undecided && cluster.bug(Bug.REUSES_RENEWAL_IDS);
        attempts += sameId ? 0 : 1;
        var id = node.name() + "/" + node.incarnation() + "/" + attempts;
        var next = new Lease(term, node.name(), id, positions++).text();
        long t0 = node.clock();
        node.register()
                .compareAndSet(expected, next)
                .subscribe()
                .with(outcome -> conclude(outcome, t0));
    }

    private void conclude(Outcome outcome, long t0) {
        undecided = outcome instanceof Outcome.Undecided;
        switch (outcome) {
            case Outcome.Committed committed -> {
                mine = Optional.of(committed.value());
                long from = cluster.bug(Bug.COUNTS_FROM_THE_ANSWER) ? node.clock() : t0;
                leases.granted(node, Lease.parse(committed.value()).term(), RULE.kill(from));
            }
            case Outcome.Conflict conflict -> {
                boolean held = mine.isPresent();
                mine = Optional.of(conflict.current()).filter(this::isMine);
                if (held && mine.isEmpty()) {
                    leases.ended(node);
                }
            }
            case Outcome.Undecided unknown -> {}
        }
        again(mine.isPresent() ? RULE.renewEvery() : CONTENDER_TICK_MILLIS);
    }

    /** An earlier attempt of this process that was thought undecided. */
    private boolean isMine(String value) {
        return !value.isEmpty()
                && Lease.parse(value)
                        .renewal()
                        .startsWith(node.name() + "/" + node.incarnation() + "/");
    }

    private void compete() {
        List<Report> reports = new ArrayList<>();
        for (var voter : cluster.names()) {
            cluster.ask(node, voter, SimulatedLeaseAgent::report, reports::add);
        }
        node.later(
                REPORT_MILLIS,
                () ->
                        node.register()
                                .read()
                                .subscribe()
                                .with(outcome -> competeFor(outcome, List.copyOf(reports))));
    }

    private static Report report(SimulatedNode voter) {
        return new Report(
                renewalOf(voter.acceptor().state().value()),
                voter.acceptor().renewalAgeMillis(voter.clock()).orElse(0));
    }

    private void competeFor(Outcome outcome, List<Report> reports) {
        if (outcome instanceof Outcome.Committed read && read.value().isEmpty()) {
            attempt(Optional.empty(), 1);
        } else if (outcome instanceof Outcome.Committed read && isOld(read.value(), reports)) {
            attempt(Optional.of(read.value()), Lease.parse(read.value()).term() + 1);
        } else {
            again(CONTENDER_TICK_MILLIS);
        }
    }

    private boolean isOld(String current, List<Report> reports) {
        boolean anyRenewal = cluster.bug(Bug.COMPETES_WITHOUT_NAMING_THE_RENEWAL);
        return reports.stream()
                .filter(report -> anyRenewal || report.renewal().equals(renewalOf(current)))
                .anyMatch(report -> RULE.mayCompete(report.ageMillis()));
    }
}
