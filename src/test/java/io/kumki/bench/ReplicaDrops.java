package io.kumki.bench;

import io.kumki.cluster.GatewayDropsIT;
import java.time.Duration;
import java.util.List;

/** The replica's packets are dropped for a while; needs root for network namespaces. */
final class ReplicaDrops {
    private static final double BOUND = 1;

    /** In sync a commit waits for the replica until it is taken out, which is a setting. */
    private static final List<List<String>> SETTINGS =
            List.of(
                    List.of("mode = async"),
                    List.of("mode = sync"),
                    List.of("mode = sync", "sync-degrade-after = 300ms"));

    private final Options options;
    private final Report report;

    ReplicaDrops(Options options, Report report) {
        this.options = options;
        this.report = report;
    }

    void run() throws Exception {
        report.add(
                "Packets to and from the replica dropped for %d s, the client on both ports.%n"
                        .formatted(options.freezeSeconds()));
        report.add("| settings | requests | failed | longest, s | longest before, s | load |");
        report.add("|---|---|---|---|---|---|");
        boolean met = true;
        for (var settings : SETTINGS) {
            double load = Machine.load();
            var dropped = Duration.ofSeconds(options.freezeSeconds());
            var seen = GatewayDropsIT.drop(dropped, settings);
            met &= seen.longest() <= BOUND;
            report.add(
                    "| %s | %d | %d | %.3f | %.3f | %.1f |"
                            .formatted(
                                    String.join(", ", settings),
                                    seen.requests(),
                                    seen.failed(),
                                    seen.longest(),
                                    seen.longestBefore(),
                                    load));
            Report.say(seen.summary());
        }
        report.add(
                "%nNo request over 1 s on either port: **%s**".formatted(met ? "met" : "NOT MET"));
    }
}
