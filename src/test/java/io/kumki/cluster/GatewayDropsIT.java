package io.kumki.cluster;

import static io.kumki.cluster.Onlooker.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.bench.OdooClient;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** The replica's packets are dropped, in both directions; nobody is told. */
@EnabledIf(value = "possible", disabledReason = "NEEDS ROOT AND NETWORK NAMESPACES; see above")
public class GatewayDropsIT {
    private static final Duration SHORT = Duration.ofSeconds(6);

    /**
     * What the client met while packets were dropped and for some seconds after that.
     *
     * @param longest request, in seconds
     * @param longestBefore the same before anything was dropped
     * @param summary of the whole run of the client
     */
    public record Met(
            int requests, long failed, double longest, double longestBefore, String summary) {}

    static boolean possible() {
        return Network.possible();
    }

    /** Without the gateway the first read after the cut would hang for minutes. */
    @Test
    void readsGoOnElsewhere() throws Exception {
        var met = drop(SHORT, List.of("mode = sync"));
        System.out.println("replica dropped: " + met);
        assertThat(met.longest()).isLessThan(SHORT.toSeconds());
        assertThat(met.summary())
                .contains("\"refused\":0")
                .contains("\"fallbacks\":0")
                .contains("\"cron_deaths\":0")
                .contains("\"hanging\":0");
    }

    /**
     * Runs the client for some time, for as long as packets are dropped, and a while after that.
     */
    public static Met drop(Duration dropped, List<String> settings) throws Exception {
        try (var network = new Network();
                var cluster = new HandCluster(network.hosts(), network.places())) {
            var witness = network.hosts().get("witness");
            for (var node : network.hosts().keySet()) {
                for (var line : settings) {
                    cluster.add(node, line);
                }
            }
            // Nothing else listens there: the witness has a network of its own.
            cluster.add("witness", "gateway-rw = " + witness + ":5433");
            cluster.add("witness", "gateway-ro = " + witness + ":5435");
            cluster.startAll();
            var replica = replica(cluster.eye);
            var access =
                    new OdooClient.Access(
                            witness + ":5433",
                            witness + ":5435",
                            "postgres",
                            HandCluster.PASSWORD,
                            "postgres");
            try (var client = new OdooClient(access, Duration.ofMinutes(10))) {
                double start = OdooClient.now();
                goesOn(client);
                Thread.sleep(1000);
                double cut = OdooClient.now();
                network.cut(replica.name());
                Thread.sleep(dropped.toMillis());
                network.heal(replica.name());
                Thread.sleep(2000);
                goesOn(client);
                replica(cluster.eye);
                return met(client, start, cut);
            }
        }
    }

    /** Waits until one leads and the other one, which this is, is fit for reads. */
    private static Member replica(Onlooker eye) {
        return Onlooker.found(
                "a leader and a fit replica",
                () ->
                        eye.leader()
                                .map(eye::other)
                                .filter(r -> eye.agents.check(r.api(), "/replica") == 200));
    }

    private static Met met(OdooClient client, double start, double cut) {
        var summary = client.stop();
        var after = client.requestsBetween(cut - 1, Double.MAX_VALUE);
        after.stream().filter(OdooClient.Request::failed).forEach(System.out::println);
        client.remarks().forEach(System.out::println);
        return new Met(
                after.size(),
                after.stream().filter(OdooClient.Request::failed).count(),
                after.stream().mapToDouble(OdooClient.Request::took).max().orElse(0),
                client.requestsBetween(start, cut - 1).stream()
                        .mapToDouble(OdooClient.Request::took)
                        .max()
                        .orElse(0),
                summary.encode());
    }

    private static void goesOn(OdooClient client) {
        double now = OdooClient.now();
        eventually(
                "requests go on",
                () ->
                        assertThat(client.requestsBetween(now, Double.MAX_VALUE))
                                .hasSizeGreaterThan(20));
    }
}
