package io.kumki.bench;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/** What a client that behaves like Odoo meets at the gateway when something happens behind it. */
final class GatewayFaults {
    /** DISCARD ALL when a connection is borrowed, as Odoo does; and when it is returned too. */
    private static final List<String> RESETS = List.of("borrow", "both");

    /** Requests go on as usual so long before the event and after it. */
    private static final int CALM_MILLIS = 2000;

    /** The longest pause between two statements: longer, and more requests are hit half way. */
    private static final Map<String, String> THINKING =
            Map.of("switchover", "10", "kill server", "40", "kill node", "40");

    private static final Duration LIMIT = Duration.ofHours(2);

    private final Options options;
    private final Report report;
    private final List<Double> loads = new ArrayList<>();
    private final List<Double> longest = new ArrayList<>();
    private final List<Double> failedByRun = new ArrayList<>();
    private final List<OdooClient.Request> failed = new ArrayList<>();
    private final List<String> refusals = new ArrayList<>();
    private long lost;
    private long acknowledged;
    private long refused;
    private long fallbacks;
    private long silentlyDropped;
    private long cronEnded;

    GatewayFaults(Options options, Report report) {
        this.options = options;
        this.report = report;
    }

    /** Bounds: no failed request, and none longer than a second and a half. */
    void switchover() throws Exception {
        measure("switchover");
        verdict("no failed request", failed.isEmpty());
        bound("longest request", 1.5);
    }

    /** Bounds: only what was inside a transaction fails, nobody is refused. */
    void serverKilled() throws Exception {
        measure("kill server");
        verdict("only requests inside a transaction failed", onlyInside());
        verdict("no refused connection", refused == 0);
        bound("longest request (bound: the lease and 2 s)", options.ttl() + 2);
    }

    /** Bound: no request longer than the lease and two seconds; else as with a killed server. */
    void nodeKilled() throws Exception {
        measure("kill node");
        verdict("only requests inside a transaction failed", onlyInside());
        verdict("no refused connection", refused == 0);
        bound("longest request (bound: the lease and 2 s)", options.ttl() + 2);
    }

    private void measure(String event) throws Exception {
        try (var demo = new DemoCluster("sync", options.settings())) {
            for (var reset : RESETS) {
                underClient(demo, event, reset, (options.runs() + 1) / RESETS.size());
            }
        }
        tell(event);
    }

    private void underClient(DemoCluster demo, String event, String reset, int runs)
            throws Exception {
        try (var client =
                new OdooClient(
                        demo.gateway(),
                        LIMIT,
                        "--reset",
                        reset,
                        "--think-ms",
                        THINKING.get(event))) {
            for (int run = 1; run <= runs; run++) {
                once(demo, client, event, reset);
            }
            note(demo, client);
        }
    }

    private void once(DemoCluster demo, OdooClient client, String event, String reset) {
        Machine.sleep(CALM_MILLIS);
        var words = new ArrayList<>(List.of(event.split(" ")));
        if (words.getFirst().equals("kill")) {
            words.add(demo.primary());
        }
        double load = Machine.load();
        double began = OdooClient.now() - 1;
        demo.demo(90, words);
        Machine.sleep(CALM_MILLIS);
        demo.heal();
        var requests = client.requestsBetween(began, OdooClient.now());
        double worst = requests.stream().mapToDouble(OdooClient.Request::took).max().orElse(0);
        var bad = requests.stream().filter(OdooClient.Request::failed).toList();
        loads.add(load);
        longest.add(worst);
        failedByRun.add((double) bad.size());
        Report.say(
                "run %d (reset at %s): %d requests, %d failed, longest %.3f s; load %.1f"
                        .formatted(loads.size(), reset, requests.size(), bad.size(), worst, load));
        bad.forEach(r -> Report.say("    " + r));
    }

    private void note(DemoCluster demo, OdooClient client) throws Exception {
        JsonObject summary = client.stop();
        client.requests().stream().filter(OdooClient.Request::failed).forEach(failed::add);
        var kept = client.keptBy(demo.address(demo.primary()));
        acknowledged += kept.acknowledged();
        lost += kept.lost() + kept.warned();
        refused += summary.getLong("refused");
        refusals.addAll(OdooClient.counts(summary, "refusals"));
        fallbacks += summary.getLong("fallbacks");
        silentlyDropped += summary.getLong("dropped");
        cronEnded += summary.getLong("cron_deaths");
        Report.say(summary.encode());
        client.remarks().forEach(Report::say);
    }

    private boolean onlyInside() {
        return failed.stream().allMatch(OdooClient.Request::failedInside);
    }

    private void tell(String event) {
        report.add(
                """
                A client that behaves like Odoo's pool (src/test/python), 20 requests a second,
                2 processes; half of the runs with DISCARD ALL when a connection is borrowed, half
                also when it is returned. Requests begin by the clock; how long one took counts
                from when it was due.
                """);
        report.add(
                "%d x %s, load average %s. **%d failed requests**%s; %d refused connections; the"
                                .formatted(
                                        loads.size(),
                                        event,
                                        new Figures(loads).cells(),
                                        failed.size(),
                                        phases(),
                                        refused)
                        + " replica given up for 20 minutes %d times; %d dead idle connections dropped;"
                                .formatted(fallbacks, silentlyDropped)
                        + " %d cron threads ended; %d rows acknowledged, **%d lost**.%n"
                                .formatted(cronEnded, acknowledged, lost));
        refusals.forEach(text -> report.add("Connecting failed: " + text + "%n".formatted()));
        report.table("around one event");
        report.row("longest request, s", new Figures(longest));
        report.row("failed requests", new Figures(failedByRun));
    }

    private String phases() {
        var parts = new ArrayList<String>();
        failed.stream()
                .map(OdooClient.Request::phase)
                .distinct()
                .forEach(p -> parts.add(count(r -> r.phase().equals(p)) + " at " + p));
        return parts.isEmpty() ? "" : " (" + String.join(", ", parts) + ")";
    }

    private long count(Predicate<OdooClient.Request> which) {
        return failed.stream().filter(which).count();
    }

    private void bound(String what, double seconds) {
        double worst = new Figures(longest).max();
        verdict(
                String.format(Locale.ROOT, "%s %.3f s <= %.1f s", what, worst, seconds),
                worst <= seconds);
    }

    private void verdict(String what, boolean met) {
        report.add("%n%s: **%s**".formatted(what, met ? "met" : "NOT MET"));
    }
}
