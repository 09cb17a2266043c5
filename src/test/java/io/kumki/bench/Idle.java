package io.kumki.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What Kumki costs while nothing happens. */
final class Idle {
    private static final int SECONDS = 60;

    private final Options options;
    private final Report report;

    Idle(Options options, Report report) {
        this.options = options;
        this.report = report;
    }

    void run() throws Exception {
        try (var demo = new DemoCluster("sync", options.settings())) {
            // Just started agents still load classes.
            Machine.sleep(20_000);
            var processes = processes(demo);
            var before = new LinkedHashMap<String, Double>();
            processes.forEach((name, pids) -> before.put(name, processor(pids)));
            var queries = transactions(demo);
            Machine.sleep(SECONDS * 1000L);
            var queriesAfter = transactions(demo);
            report.add("Load average " + Machine.loadText() + ", " + SECONDS + " s.\n");
            report.add("| process | resident MB | processor, % of a core |");
            report.add("|---|---|---|");
            processes.forEach((name, pids) -> cost(name, pids, before.get(name)));
            report.add("\n| server | the agent's transactions a second |\n|---|---|");
            for (var node : demo.nodes()) {
                double rate = (queriesAfter.get(node) - queries.get(node)) / (double) SECONDS;
                var role = node.equals(demo.primary()) ? "primary" : "replica";
                report.add(String.format(Locale.ROOT, "| %s (%s) | %.2f |", node, role, rate));
            }
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

    /** Each query of an agent is a transaction in its own database, where nobody else works. */
    private static Map<String, Long> transactions(DemoCluster demo) throws Exception {
        var counts = new LinkedHashMap<String, Long>();
        var sql =
                "select xact_commit + xact_rollback from pg_stat_database"
                        + " where datname = 'postgres'";
        for (var endpoint : demo.endpoints()) {
            try (var connection = endpoint.connect();
                    var statement = connection.createStatement();
                    var rows = statement.executeQuery(sql)) {
                rows.next();
                counts.put(endpoint.name(), rows.getLong(1));
            }
        }
        return counts;
    }
}
