package io.kumki.bench;

import java.util.ArrayList;
import java.util.List;

/** How long writes stop when something happens to the primary, beside the floor of the same run. */
final class Failovers {
    /** Between two tries of the writer. */
    static final long PAUSE_MILLIS = 5;

    private final Options options;
    private final Report report;
    private final List<Double> loads = new ArrayList<>();
    private final List<Double> gaps = new ArrayList<>();
    private final List<Double> later = new ArrayList<>();
    private final List<Double> floors = new ArrayList<>();
    private long lost;
    private long acknowledged;

    Failovers(Options options, Report report) {
        this.options = options;
        this.report = report;
    }

    /** Bound: the floor and a second. */
    void serverKilled() throws Exception {
        besideFloor("kill server", Floor::serverKilled);
        report.bound("floor + 1 s", median(), new Figures(floors).median() + 1);
    }

    /** Bound: the floor and half a second. */
    void switchover() throws Exception {
        besideFloor("switchover", Floor::switchover);
        report.bound("floor + 0.5 s", median(), new Figures(floors).median() + 0.5);
    }

    /** Bound: the lease and a second and a half. */
    void nodeKilled() throws Exception {
        try (var demo = new DemoCluster("sync", options.settings())) {
            for (int run = 1; run <= options.runs(); run++) {
                measure(demo, "kill node", run);
            }
        }
        tell("node killed");
        report.bound("ttl + 1.5 s", median(), options.ttl() + 1.5);
    }

    private void besideFloor(String event, FloorRun floorRun) throws Exception {
        try (var floor = new Floor();
                var demo = new DemoCluster("sync", options.settings())) {
            for (int run = 1; run <= options.runs(); run++) {
                floors.add(floorRun.seconds(floor));
                measure(demo, event, run);
            }
        }
        tell(event);
        report.row("floor: a loop that promotes at once", new Figures(floors));
    }

    private void measure(DemoCluster demo, String event, int run) throws Exception {
        var words = new ArrayList<>(List.of(event.split(" ")));
        if (words.getFirst().equals("kill")) {
            words.add(demo.primary());
        }
        double load = Machine.load();
        try (var writer = new Writer(demo.endpoints(), PAUSE_MILLIS)) {
            writer.awaitSteadyAfter(System.nanoTime(), Patience.USUAL);
            long began = System.nanoTime();
            demo.demo(90, words);
            writer.awaitSteadyAfter(System.nanoTime(), Patience.USUAL);
            long back = System.nanoTime();
            demo.heal();
            Machine.sleep(1000);
            note(run, load, writer.trace(), began, back);
            long gone = writer.lostOn(demo.endpoint(demo.primary()));
            if (gone > 0) {
                Report.say("run " + run + ": " + gone + " rows lost");
            }
            lost += gone;
        }
    }

    private void note(int run, double load, Trace trace, long began, long back) {
        var gap = trace.longestGap(began, back);
        double rejoining = trace.longestGapAfter(back).seconds();
        gaps.add(gap.seconds());
        later.add(rejoining);
        loads.add(load);
        acknowledged += trace.inserts().size();
        var floor = floors.isEmpty() ? "" : ", floor %.3f s".formatted(floors.getLast());
        Report.say(
                "run %d: writes stopped %.3f s (%s)%s; while healing at most %.3f s; load %.1f"
                        .formatted(run, gap.seconds(), gap.clock(), floor, rejoining, load));
    }

    private double median() {
        return new Figures(gaps).median();
    }

    private void tell(String event) {
        report.add(
                "%d runs, %d rows acknowledged, **%d lost**, load average %s. Seconds:%n"
                        .formatted(gaps.size(), acknowledged, lost, new Figures(loads).cells()));
        report.table("writes stop");
        report.row("Kumki, sync: " + event, new Figures(gaps));
        report.row("longest stop while it heals afterwards", new Figures(later));
    }

    /** One iteration of a floor. */
    @FunctionalInterface
    private interface FloorRun {
        double seconds(Floor floor) throws Exception;
    }
}
