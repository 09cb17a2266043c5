package io.kumki.bench;

import java.util.List;
import java.util.Map;

/**
 * Measures Kumki on this machine with real servers and real kills: {@code ./build bench [NAME...]
 * [--runs N] [--ttl 3s] [--set KEY=VALUE] [--freeze SECONDS] [--minutes M] [--busy PROCESSES]}.
 * Runs from the checkout's folder and writes bench/results/DATE-NAME.md; the logs stay in
 * target/bench-logs.
 */
public final class Bench {
    private static final List<String> USUAL =
            List.of("server-killed", "switchover", "node-killed", "idle");

    private static final Map<String, Benchmark> ALL =
            Map.ofEntries(
                    entry("server-killed", (o, r) -> new Failovers(o, r).serverKilled()),
                    entry("switchover", (o, r) -> new Failovers(o, r).switchover()),
                    entry("node-killed", (o, r) -> new Failovers(o, r).nodeKilled()),
                    entry("agent-frozen", (o, r) -> new FrozenAgent(o, r).run()),
                    entry("false-failovers", (o, r) -> new FalseFailovers(o, r).run()),
                    entry("idle", (o, r) -> new Idle(o, r).run()),
                    entry("gateway-switchover", (o, r) -> new GatewayFaults(o, r).switchover()),
                    entry(
                            "gateway-server-killed",
                            (o, r) -> new GatewayFaults(o, r).serverKilled()),
                    entry("gateway-node-killed", (o, r) -> new GatewayFaults(o, r).nodeKilled()),
                    entry("replica-drops", (o, r) -> new ReplicaDrops(o, r).run()),
                    entry("gateway-cost", (o, r) -> new GatewayCost(o, r).run()),
                    entry("node-frozen", (o, r) -> new FrozenNode(o, r).run()));

    private Bench() {}

    public static void main(String[] words) throws Exception {
        var options = Options.parse(words);
        var names = options.names().isEmpty() ? USUAL : options.names();
        for (var name : names) {
            if (!ALL.containsKey(name)) {
                Report.say(
                        "There is no benchmark \"" + name + "\"; there are " + ALL.keySet() + ".");
                System.exit(64);
            }
        }
        for (var name : names) {
            Report.say("--- " + name);
            var report = new Report(name, "./build bench " + String.join(" ", words));
            ALL.get(name).measure(options, report);
            Report.say("logs of the agents and runners: " + DemoCluster.LOGS);
            report.write();
        }
        // Writers may still wait for a server that is gone.
        System.exit(0);
    }

    private static Map.Entry<String, Benchmark> entry(String name, Benchmark benchmark) {
        return Map.entry(name, benchmark);
    }

    /** One of them. */
    @FunctionalInterface
    private interface Benchmark {
        void measure(Options options, Report report) throws Exception;
    }
}
