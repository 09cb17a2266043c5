package io.kumki.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** What Kumki costs while nothing happens. */
final class Idle {
    private static final int SECONDS = 60;
    private static final int WARM_SECONDS = 60;
    private static final Pattern QUERY = Pattern.compile("LOG:  (statement|execute [^:]*):");

    private final Options options;
    private final Report report;

    Idle(Options options, Report report) {
        this.options = options;
        this.report = report;
    }

    void run() throws Exception {
        try (var demo = new DemoCluster("sync", options.settings())) {
            logQueries(demo);
            // Just started agents still load classes and compile.
            Machine.sleep(WARM_SECONDS * 1000L);
            var processes = processes(demo);
            var before = new LinkedHashMap<String, Double>();
            processes.forEach((name, pids) -> before.put(name, processor(pids)));
            var queries = queries(demo);
            Machine.sleep(SECONDS * 1000L);
            var queriesAfter = queries(demo);
            report.add(
                    "%d s, %d s after the start; load average %s.\n"
                            .formatted(SECONDS, WARM_SECONDS, Machine.loadText()));
            report.add("| process | resident MB | processor, % of a core |");
            report.add("|---|---|---|");
            processes.forEach((name, pids) -> cost(name, pids, before.get(name)));
            report.add("\n| server | queries of its agent a second |\n|---|---|");
            for (var node : demo.nodes()) {
                double rate = (queriesAfter.get(node) - queries.get(node)) / (double) SECONDS;
                var role = node.equals(demo.primary()) ? "primary" : "replica";
                report.add(String.format(Locale.ROOT, "| %s (%s) | %.2f |", node, role, rate));
            }
        }
    }

    /** Lets the servers log what the agents ask; a session takes that up only at its start. */
    private static void logQueries(DemoCluster demo) throws SQLException {
        var administrator = demo.administrator();
        execute(
                demo.endpoint(demo.primary()).as(administrator),
                "alter role kumki set log_statement = 'all'");
        Machine.sleep(1000);
        for (var endpoint : demo.endpoints()) {
            execute(
                    endpoint.as(administrator),
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                            + " where usename = 'kumki'");
        }
    }

    private static void execute(Endpoint endpoint, String sql) throws SQLException {
        try (var connection = endpoint.connect(5_000);
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static Map<String, List<Long>> processes(DemoCluster demo) {
        var found = new LinkedHashMap<String, List<Long>>();
        for (var node : demo.nodes()) {
            found.put("agent of " + node, List.of(demo.agent(node)));
            found.put("runner of " + node, Machine.family(demo.runner(node)));
        }
        found.put("agent of the witness", List.of(demo.agent("WITNESS")));
        return found;
    }

    private static double processor(List<Long> pids) {
        return pids.stream().mapToDouble(Machine::processorSeconds).sum();
    }

    private void cost(String name, List<Long> pids, double before) {
        double memory = pids.stream().mapToDouble(Machine::residentMegabytes).sum();
        double share = (processor(pids) - before) * 100 / SECONDS;
        report.add(String.format(Locale.ROOT, "| %s | %.0f | %.2f |", name, memory, share));
    }

    private static Map<String, Long> queries(DemoCluster demo) throws IOException {
        var counts = new LinkedHashMap<String, Long>();
        for (var node : demo.nodes()) {
            try (var lines = Files.lines(demo.serverLog(node), ISO_8859_1)) {
                counts.put(node, lines.filter(l -> QUERY.matcher(l).find()).count());
            }
        }
        return counts;
    }
}
