package io.kumki.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The whole node of the leader is frozen and wakes up after the failover: none of its old sessions
 * may commit through the gateway.
 */
final class FrozenNode {
    private static final int EACH = 5;

    /** How long it goes on sleeping when another one leads. */
    private static final int ASLEEP_MILLIS = 1000;

    private final Options options;
    private final Report report;
    private final List<Double> loads = new ArrayList<>();
    private int sessions;
    private int acknowledged;
    private long kept;

    FrozenNode(Options options, Report report) {
        this.options = options;
        this.report = report;
    }

    void run() throws Exception {
        for (var mode : List.of("sync", "async")) {
            sessions = 0;
            acknowledged = 0;
            kept = 0;
            loads.clear();
            try (var demo = new DemoCluster(mode, options.settings())) {
                for (int run = 1; run <= (options.runs() + 1) / 2; run++) {
                    freeze(demo, run);
                }
            }
            tell(mode);
        }
    }

    private void freeze(DemoCluster demo, int run) throws Exception {
        var old = demo.primary();
        loads.add(Machine.load());
        try (var before = new OldSessions(demo.gateway(), EACH)) {
            demo.demo(90, List.of("freeze", "node", old));
            before.commitIntoTheFreeze();
            Machine.await("another leader", 60, () -> demo.leadsAnotherThan(old));
            Machine.sleep(ASLEEP_MILLIS);
            demo.demo(90, List.of("thaw", "node", old));
            int told = before.commitAfterTheThaw();
            demo.heal();
            long rows = before.rowsKept(demo.gateway());
            sessions += before.count();
            acknowledged += told;
            kept += rows;
            Report.say(
                    "run %d: %s frozen, %d of %d sessions were told that they had committed, %d rows"
                            .formatted(run, old, told, before.count(), rows));
        }
    }

    private void tell(String mode) {
        report.add(
                String.format(
                        Locale.ROOT,
                        "%s: %d freezes, %d old sessions (a third idle, a third inside a transaction, a"
                                + " third with a COMMIT sent while frozen): **%d** were told that they"
                                + " had committed, **%d** of their rows are on the new leader; load"
                                + " average %s.%n",
                        mode,
                        loads.size(),
                        sessions,
                        acknowledged,
                        kept,
                        new Figures(loads).cells()));
    }
}
