package io.kumki.cluster;

import static io.kumki.cluster.Onlooker.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.bench.OdooClient;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A planned switchover under a client that behaves like Odoo: it notices nothing. */
class GatewaySwitchoverIT {
    private static DemoCluster cluster;

    @BeforeAll
    static void up() {
        cluster = new DemoCluster();
    }

    @AfterAll
    static void down() {
        if (cluster != null) {
            cluster.close();
        }
    }

    /** Odoo resets a connection when it borrows it; other pools when it is returned, too. */
    @ParameterizedTest
    @CsvSource({"borrow, 2", "both, 1"})
    void noRequestFails(String reset, int times) throws Exception {
        var access = OdooClient.Access.of(cluster.environment());
        try (var client = new OdooClient(access, Duration.ofMinutes(5), "--reset", reset)) {
            for (int i = 0; i < times; i++) {
                goesOn(client);
                var next = cluster.eye.other(cluster.eye.healthy());
                cluster.switchover(next);
                assertThat(cluster.sound()).isEqualTo(next);
            }
            goesOn(client);

            var summary = client.stop();
            assertThat(client.requests()).filteredOn(OdooClient.Request::failed).isEmpty();
            assertThat(summary.getLong("refused")).as("refused connections").isZero();
            assertThat(summary.getLong("fallbacks")).as("replica given up").isZero();
            assertThat(summary.getLong("cron_deaths")).as("cron threads ended").isZero();
            var kept = client.keptBy(cluster.eye.healthy().server().toString());
            assertThat(kept.acknowledged()).isPositive();
            assertThat(kept.lost()).isZero();
        }
    }

    /** Requests that were begun after now end. */
    private static void goesOn(OdooClient client) {
        double now = OdooClient.now();
        eventually(
                "requests go on",
                () -> assertThat(client.requestsBetween(now, now + 3600)).hasSizeGreaterThan(20));
    }
}
