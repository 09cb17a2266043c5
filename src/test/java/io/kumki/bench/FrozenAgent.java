package io.kumki.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The primary's agent is frozen, in async mode: its server must have stopped before another one
 * accepts a write, and no more may be lost than the receipt says.
 */
final class FrozenAgent {
    private static final long POLL_MILLIS = 20;

    /** A row's record and its commit's in the WAL are never smaller. */
    private static final long ROW_BYTES = 64;

    private final Options options;
    private final Report report;
    private final List<Double> gaps = new ArrayList<>();
    private int twoWriters;
    private int unreported;

    FrozenAgent(Options options, Report report) {
        this.options = options;
        this.report = report;
    }

    void run() throws Exception {
        report.add(
                "| run | writes stop | rows lost | bytes reported | old silent before new | load |");
        report.add("|---|---|---|---|---|---|");
        try (var demo = new DemoCluster("async", options.settings())) {
            for (int run = 1; run <= options.runs(); run++) {
                freeze(demo, run);
            }
        }
        report.add("");
        report.table("seconds");
        report.row("writes stop", new Figures(gaps));
        report.add(
                "%n%d runs of %d s: two servers accepting writes in **%d**; more lost than reported in **%d**."
                        .formatted(
                                options.runs(), options.freezeSeconds(), twoWriters, unreported));
    }

    private void freeze(DemoCluster demo, int run) throws Exception {
        var old = demo.primary();
        double load = Machine.load();
        try (var writer = new Writer(demo.endpoints(), POLL_MILLIS)) {
            writer.awaitSteadyAfter(System.nanoTime(), Patience.USUAL);
            long began = System.nanoTime();
            Command.signal("STOP", demo.agent(old));
            Machine.sleep(options.freezeSeconds() * 1000L);
            Command.signal("CONT", demo.agent(old));
            writer.awaitSteadyAfter(System.nanoTime(), Patience.USUAL);
            demo.heal();
            awaitMeasured(demo);
            judge(demo, writer, new Moment(run, old, began, load));
        }
    }

    private record Moment(int run, String old, long began, double load) {}

    /** The receipt is settled once the old primary has come back and was looked at. */
    private static void awaitMeasured(DemoCluster demo) {
        Machine.await(
                "a receipt that is measured",
                60,
                () -> {
                    var opened = demo.receipt().getJsonObject("opened");
                    return opened != null && opened.getBoolean("measured");
                });
    }

    private void judge(DemoCluster demo, Writer writer, Moment moment) throws Exception {
        var now = demo.primary();
        var trace = writer.trace();
        double silence = silenceBetween(trace, moment.old(), now);
        long bytes = demo.receipt().getJsonObject("opened").getLong("lostBytes");
        long rows = writer.lostOn(demo.endpoint(now));
        double gap = trace.longestGapAfter(moment.began()).seconds();
        gaps.add(gap);
        boolean two = silence <= 0;
        boolean more = rows * ROW_BYTES > bytes;
        twoWriters += two ? 1 : 0;
        unreported += more ? 1 : 0;
        report.add(
                String.format(
                        Locale.ROOT,
                        "| %d | %.3f s | %d | %d | %.3f s | %.1f |",
                        moment.run(),
                        gap,
                        rows,
                        bytes,
                        silence,
                        moment.load()));
    }

    /** From the old server's last acknowledgement to the new one's first; negative: two writers. */
    private static double silenceBetween(Trace trace, String old, String now) {
        var last = trace.lastOn(old);
        var first = trace.firstOn(now);
        if (last.isEmpty() || first.isEmpty()) {
            throw new IllegalStateException("the lead did not pass from " + old + " to " + now);
        }
        return (first.get().at() - last.get().at()) / 1e9;
    }
}
