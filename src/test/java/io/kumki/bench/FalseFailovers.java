package io.kumki.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** Keeps every processor busy and counts what should not happen: changes of the leader. */
final class FalseFailovers {
    private static final double LONG_GAP_SECONDS = 1;
    private static final int SAMPLE_MILLIS = 100;
    private static final Pattern REMAINING =
            Pattern.compile("(?m)^kumki_lease_remaining_seconds(?:\\{[^}]*})? ([0-9.E+-]+)");

    private final Options options;
    private final Report report;
    private final List<Double> remaining = new ArrayList<>();
    private final List<Double> loads = new ArrayList<>();
    private int unanswered;

    FalseFailovers(Options options, Report report) {
        this.options = options;
        this.report = report;
    }

    void run() throws Exception {
        try (var demo = new DemoCluster("sync", options.settings())) {
            long termBefore = demo.term();
            var burden = new ArrayList<Process>();
            try (var writer = new Writer(demo.endpoints(), 20)) {
                for (int i = 0; i < options.busy(); i++) {
                    burden.add(Command.of("yes").start(ProcessBuilder.Redirect.DISCARD));
                }
                sample(demo);
                tell(demo, writer, demo.term() - termBefore);
            } finally {
                burden.forEach(Process::destroyForcibly);
            }
        }
    }

    private void sample(DemoCluster demo) {
        long end = System.nanoTime() + (long) (options.minutes() * 60e9);
        var leader = demo.primary();
        long nextLoad = 0;
        while (System.nanoTime() < end) {
            var body = demo.get(demo.api(leader), "/q/metrics");
            body.ifPresentOrElse(this::note, () -> unanswered++);
            if (System.nanoTime() > nextLoad) {
                loads.add(Machine.load());
                nextLoad = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            }
            Machine.sleep(SAMPLE_MILLIS);
        }
    }

    private void note(String metrics) {
        var match = REMAINING.matcher(metrics);
        if (match.find()) {
            remaining.add(Double.parseDouble(match.group(1)));
        }
    }

    private void tell(DemoCluster demo, Writer writer, long changes) throws Exception {
        var trace = writer.trace();
        var stops = trace.gaps().stream().map(Trace.Gap::seconds).toList();
        long longStops = stops.stream().filter(s -> s > LONG_GAP_SECONDS).count();
        report.add(
                String.format(
                        Locale.ROOT,
                        "ttl %.1f s, %.1f minutes, %d busy processes, load average %s:%n",
                        options.ttl(),
                        options.minutes(),
                        options.busy(),
                        loads()));
        report.add("- changes of the leader (term): **" + changes + "**");
        report.add(
                "- stops of writes over 1 s: **%d**, longest %.3f s"
                        .formatted(longStops, new Figures(stops).max()));
        report.add(
                "- rows acknowledged %d, lost %d"
                        .formatted(
                                trace.inserts().size(),
                                writer.lostOn(demo.endpoint(demo.primary()))));
        var left = new Figures(remaining);
        report.add(
                "- lease left, of %d samples: median %.3f s, least %.3f s; %d without an answer"
                        .formatted(remaining.size(), left.median(), left.min(), unanswered));
    }

    private String loads() {
        var figures = new Figures(loads);
        return String.format(Locale.ROOT, "%.1f to %.1f", figures.min(), figures.max());
    }
}
