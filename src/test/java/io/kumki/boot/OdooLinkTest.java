package io.kumki.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kumki.adapter.odoo.OdooPublisher.Step;
import io.kumki.config.Configuration.AfterFailover;
import io.kumki.config.Configuration.Odoo;
import io.kumki.core.model.HostPort;
import io.kumki.core.model.NodeId;
import io.kumki.core.routing.Routes;
import io.kumki.core.routing.Target;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real files and threads; no server is needed, as nobody is told before one answers. */
class OdooLinkTest {
    private static final Target ANNA = target("anna", 5001);
    private static final Target BERT = target("bert", 5002);
    private static final Target CARL = target("carl", 5003);
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir Path folder;

    private static Target target(String node, int port) {
        return new Target(new NodeId(node), new HostPort("127.0.0.1", port));
    }

    private Path conf(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private OdooLink link(Optional<Odoo.Door> gateway, Map<NodeId, HostPort> ends, Path... confs) {
        return new OdooLink(
                new Odoo(
                        List.of(confs).stream()
                                .map(
                                        it ->
                                                new Odoo.Instance(
                                                        it, Optional.empty(), Optional.empty()))
                                .toList(),
                        ends,
                        gateway,
                        AfterFailover.NONE,
                        Optional.of("true"),
                        Optional.empty()),
                folder);
    }

    private static Routes open(long term, Target leader, Target... readers) {
        return new Routes(term, new Routes.Open(leader), List.of(readers), List.of());
    }

    /** A tick may be left out while the one before is at work, as in an agent. */
    private static void reads(OdooLink link, Routes routes, Path conf, String... lines) {
        await().atMost(SOON)
                .untilAsserted(
                        () -> {
                            link.route(routes, true);
                            assertThat(text(conf).lines()).contains(lines);
                        });
    }

    private static String text(Path conf) {
        try {
            return Files.readString(conf);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void directlyTheFileFollowsTheRoutes() throws IOException {
        var conf = conf("odoo.conf", "[options]\n");
        var link = link(Optional.empty(), Map.of(CARL.node(), new HostPort("carl.lan", 6)), conf);
        reads(link, open(1, ANNA, BERT, CARL), conf, "db_port = 5001", "db_replica_port = 5002");
        // The one that is written stays; another address may stand for a node.
        reads(link, open(1, ANNA, CARL, BERT), conf, "db_port = 5001", "db_replica_port = 5002");
        reads(link, open(2, BERT, CARL), conf, "db_port = 5002", "db_replica_host = carl.lan");
        // Only the leader reads: no replica.
        reads(link, open(2, BERT, BERT), conf, "; db_replica_host = carl.lan");
    }

    @Test
    void whereNobodyLeadsTheFileStays() throws IOException {
        var conf = conf("odoo.conf", "[options]\n");
        var link = link(Optional.empty(), Map.of(), conf);
        reads(link, open(1, ANNA, BERT), conf, "db_port = 5001");
        var before = text(conf);
        await().atMost(SOON)
                .until(
                        () -> {
                            link.route(new Routes(2, VACANT, List.of(CARL), List.of()), true);
                            link.route(new Routes(2, DRAINING, List.of(CARL), List.of()), true);
                            link.route(open(2, BERT, CARL), false);
                            return link.last().get(conf).summary().contains("does not accept");
                        });
        assertThat(text(conf)).isEqualTo(before);
    }

    private static final Routes.Writer VACANT = new Routes.Vacant("nobody leads");
    private static final Routes.Writer DRAINING = new Routes.Draining(ANNA, "bert");

    @Test
    void aGatewayStandsThereForEver() throws IOException {
        var conf = conf("odoo.conf", "[options]\ndb_host = old\n");
        var door = new Odoo.Door(new HostPort("127.0.0.1", 6001), new HostPort("127.0.0.1", 6002));
        var link = link(Optional.of(door), Map.of(), conf);
        reads(link, open(1, ANNA, BERT), conf, "db_port = 6001", "db_replica_port = 6002");
        var before = text(conf);
        await().atMost(SOON)
                .until(
                        () -> {
                            link.route(open(2, BERT, BERT), true);
                            return link.last().get(conf).step() != Step.SIGNALLED
                                    && !link.last().get(conf).rewritten();
                        });
        assertThat(text(conf)).isEqualTo(before);
    }

    @Test
    void oneThatIsRefusedDoesNotHoldUpTheOthers() throws IOException {
        var bad = conf("bad.conf", "[options]\ndb_host = a\ndb_host = b\n");
        var good = conf("good.conf", "[options]\n");
        var link = link(Optional.empty(), Map.of(), bad, good);
        reads(link, open(1, ANNA, BERT), good, "db_port = 5001");
        await().atMost(SOON).until(() -> link.last().get(bad).step() == Step.REFUSED);
        assertThat(bad).hasContent("[options]\ndb_host = a\ndb_host = b");
    }
}
