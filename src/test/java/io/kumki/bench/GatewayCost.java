package io.kumki.bench;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the way through the gateway costs, beside HAProxy and no proxy at all in the same run. */
final class GatewayCost {
    private static final List<Integer> CLIENTS = List.of(1, 16, 100);
    private static final List<String> SCRIPTS = List.of("-S", "-N");
    private static final int SECONDS = 8;
    private static final int IDLE_SESSIONS = 2000;

    /** Of HAProxy's throughput, at least. */
    private static final double BOUND = 0.9;

    private final Options options;
    private final Report report;
    private final Map<String, String> ways = new LinkedHashMap<>();
    private final Map<String, List<Pgbench.Result>> results = new LinkedHashMap<>();
    private boolean met = true;

    GatewayCost(Options options, Report report) {
        this.options = options;
        this.report = report;
    }

    void run() throws Exception {
        try (var demo = new DemoCluster("async", options.settings())) {
            raiseConnections(demo);
            var server = demo.address(demo.primary());
            try (var haproxy = new Haproxy(server)) {
                ways.put("direct", server);
                ways.put("HAProxy", haproxy.address());
                ways.put("gateway", demo.gateway().rw());
                new Pgbench(server, demo.login()).initialise();
                throughput(demo);
                memory(demo, haproxy);
            }
        }
    }

    /** The demo's servers take 100 sessions, which is too few here. */
    private static void raiseConnections(DemoCluster demo) throws SQLException {
        for (var endpoint : demo.endpoints()) {
            try (var connection = endpoint.as(demo.administrator()).connect(5_000);
                    var statement = connection.createStatement()) {
                statement.execute("alter system set max_connections = " + (IDLE_SESSIONS + 200));
            }
        }
        demo.demo(60, List.of("down"));
        demo.heal();
    }

    private void throughput(DemoCluster demo) throws IOException {
        double load = Machine.load();
        for (int repetition = 0; repetition < options.runs(); repetition++) {
            for (var script : SCRIPTS) {
                for (int clients : CLIENTS) {
                    turn(demo, script, clients, repetition);
                }
            }
        }
        report.add(
                ("pgbench, scale 10, %d s, %d repetitions, the three ways in turn; async;"
                                + " load average before: %.1f. Medians.%n")
                        .formatted(SECONDS, options.runs(), load));
        report.add(
                "| script, clients | way | transactions/s | ratio to direct | p99 ms | ratio to direct |");
        report.add("|---|---|---|---|---|---|");
        for (var script : SCRIPTS) {
            for (int clients : CLIENTS) {
                rows(script, clients);
            }
        }
        report.add(
                "%nAt least %.1f of HAProxy's throughput everywhere: **%s**%n"
                        .formatted(BOUND, met ? "met" : "NOT MET"));
    }

    private void turn(DemoCluster demo, String script, int clients, int repetition)
            throws IOException {
        var order = new ArrayList<>(ways.keySet());
        // Whoever goes first finds another machine than whoever goes last.
        Collections.rotate(order, repetition);
        for (var way : order) {
            var result = new Pgbench(ways.get(way), demo.login()).run(script, clients, SECONDS);
            results.computeIfAbsent(key(script, clients, way), k -> new ArrayList<>()).add(result);
            Report.say(
                    "%s %d %s: %.0f/s, p99 %.3f ms"
                            .formatted(script, clients, way, result.rate(), result.p99()));
        }
    }

    private static String key(String script, int clients, String way) {
        return script + " " + clients + " " + way;
    }

    private void rows(String script, int clients) {
        double direct = rate(key(script, clients, "direct"));
        double directLatency = p99(key(script, clients, "direct"));
        for (var way : ways.keySet()) {
            var key = key(script, clients, way);
            report.add(
                    String.format(
                            Locale.ROOT,
                            "| %s, %d | %s | %.0f | %.2f | %.3f | %.2f |",
                            script,
                            clients,
                            way,
                            rate(key),
                            rate(key) / direct,
                            p99(key),
                            p99(key) / directLatency));
        }
        double share =
                rate(key(script, clients, "gateway")) / rate(key(script, clients, "HAProxy"));
        met &= share >= BOUND;
        report.add(
                String.format(
                        Locale.ROOT,
                        "| %s, %d | gateway to HAProxy | | %.2f | | |",
                        script,
                        clients,
                        share));
    }

    private double rate(String key) {
        return new Figures(results.get(key).stream().map(Pgbench.Result::rate).toList()).median();
    }

    private double p99(String key) {
        return new Figures(results.get(key).stream().map(Pgbench.Result::p99).toList()).median();
    }

    private void memory(DemoCluster demo, Haproxy haproxy) throws SQLException {
        report.add(
                "| %d idle sessions | resident MB before | with them |".formatted(IDLE_SESSIONS));
        report.add("|---|---|---|");
        memoryOf("the witness's agent with its gateway", demo, demo.agent("WITNESS"), "gateway");
        memoryOf("HAProxy", demo, haproxy.pid(), "HAProxy");
    }

    private void memoryOf(String what, DemoCluster demo, long pid, String way) throws SQLException {
        double before = Machine.residentMegabytes(pid);
        var url = "jdbc:postgresql://%s/%s?sslmode=disable&gssEncMode=disable";
        var login = demo.login();
        var sessions = new ArrayList<Connection>();
        try {
            for (int i = 0; i < IDLE_SESSIONS; i++) {
                sessions.add(
                        DriverManager.getConnection(
                                url.formatted(ways.get(way), login.database()),
                                login.user(),
                                login.password()));
            }
            Machine.sleep(2000);
            double with = Machine.residentMegabytes(pid);
            report.add(String.format(Locale.ROOT, "| %s | %.0f | %.0f |", what, before, with));
        } finally {
            for (var session : sessions) {
                session.close();
            }
        }
    }
}
