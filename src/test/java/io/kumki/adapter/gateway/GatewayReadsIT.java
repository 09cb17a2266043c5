package io.kumki.adapter.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kumki.core.model.HostPort;
import io.kumki.core.model.NodeId;
import io.kumki.core.routing.Routes;
import io.kumki.core.routing.Target;
import io.kumki.support.FreePort;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Where readers are led, and what becomes of them when their server is no longer fit. */
class GatewayReadsIT {
    private static PostgresServer n1;
    private static PostgresServer n2;

    @BeforeAll
    static void start() {
        n1 = new PostgresServer("n1");
        n2 = new PostgresServer("n2");
    }

    @AfterAll
    static void stop() {
        n1.close();
        n2.close();
    }

    @Test
    void theServerWithTheFewestSessionsIsNext() throws Exception {
        try (var door = new Doorway()) {
            door.open(1, n1.target(), List.of(n2.target(), n1.target()), List.of());
            var sessions = new ArrayList<RawClient>();
            var names = new ArrayList<String>();
            for (int i = 0; i < 6; i++) {
                var session = new RawClient(door.ro()).login();
                sessions.add(session);
                names.add(session.answer("show cluster_name"));
            }

            assertThat(names).containsExactly("n2", "n1", "n2", "n1", "n2", "n1");
            for (var session : sessions) {
                session.close();
            }
        }
    }

    @Test
    void withoutAReaderTheLeaderServes() throws Exception {
        var nobody = new HostPort("127.0.0.1", FreePort.next());
        try (var door = new Doorway()) {
            var gone = new Target(new NodeId("gone"), nobody);
            door.open(1, n1.target(), List.of(gone), List.of());
            assertThat(nameThrough(door)).isEqualTo("n1");

            door.open(1, n1.target(), List.of(), List.of(n2.target()));
            assertThat(nameThrough(door)).isEqualTo("n1");
        }
    }

    @Test
    void aReplicaGoesOnWhileNobodyLeads() throws Exception {
        try (var door = new Doorway()) {
            door.open(1, n1.target(), List.of(n2.target()), List.of());
            try (var session = new RawClient(door.ro()).login()) {
                var nobody = new Routes.Vacant("n1 is lost");
                door.gateway().route(new Routes(1, nobody, List.of(n2.target()), List.of()));
                Awaitility.await().until(() -> door.gateway().doors().holding());

                assertThat(session.answer("show cluster_name")).isEqualTo("n2");
                assertThat(nameThrough(door)).isEqualTo("n2");
            }
        }
    }

    @Test
    void sessionsLeaveAnUnfitReplicaBetweenTransactions() throws Exception {
        try (var door = new Doorway()) {
            door.open(1, n1.target(), List.of(n2.target()), List.of());
            try (var idle = new RawClient(door.ro()).login();
                    var working = new RawClient(door.ro()).login();
                    var stuck = new RawClient(door.ro()).login()) {
                working.answer("begin");
                stuck.query("select pg_sleep(120)");

                door.open(1, n1.target(), List.of(n1.target()), List.of(n2.target()));

                assertThat(idle.until('E').getLast().field('C')).isEqualTo("57P01");
                assertThat(working.answer("show cluster_name")).isEqualTo("n2");
                assertThat(nameThrough(door)).isEqualTo("n1");
                assertThat(working.answer("commit")).isEmpty();
                assertThat(working.until('E').getLast().field('M')).contains("readers leave n2");
                // After ten seconds in any case.
                assertThat(stuck.until('E').getLast().field('C')).isEqualTo("57P01");
            }
        }
    }

    /** Odoo's pool resets when it hands a session out: what it begins then must not fail. */
    @Test
    void readersLeaveTheirServerAtNoMomentThatHurts() throws Exception {
        try (var door = new Doorway();
                var borrowed = Borrower.in(() -> stayingWith(door, n1), () -> moveTo(door, n2))) {
            assertThat(borrowed.answer("show cluster_name")).isEqualTo("n1");
            assertThat(borrowed.answer("commit")).isEmpty();
            assertThat(borrowed.until('E').getLast().field('C')).isEqualTo("57P01");
        }
    }

    @Test
    void aSessionThatBeginsByAResetIsLeftBeforeIt() throws Exception {
        try (var door = new Doorway();
                var session = stayingWith(door, n1)) {
            session.answer("begin");
            moveTo(door, n2);
            session.answer("commit");

            session.query("DISCARD ALL");

            assertThat(session.until('E').getLast().field('C')).isEqualTo("57P01");
        }
    }

    private static RawClient stayingWith(Doorway door, PostgresServer server) throws IOException {
        door.open(1, n1.target(), List.of(server.target()), List.of());
        return new RawClient(door.ro()).login();
    }

    private static void moveTo(Doorway door, PostgresServer server) {
        door.open(1, n1.target(), List.of(server.target()), List.of(n1.target()));
    }

    @Test
    void aServerInNeitherListIsLeftAtOnce() throws Exception {
        try (var door = new Doorway()) {
            door.open(1, n1.target(), List.of(n2.target()), List.of());
            try (var working = new RawClient(door.ro()).login()) {
                working.answer("begin");

                door.open(1, n1.target(), List.of(n1.target()), List.of());

                assertThat(working.until('E').getLast().field('C')).isEqualTo("57P01");
                assertThatThrownBy(() -> working.until('Z')).isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void aReplicaThatSwallowsPacketsIsLeftUntilItAnswers() throws Exception {
        try (var mute = new MuteServer();
                var door = new Doorway()) {
            door.open(1, n1.target(), List.of(mute.target()), List.of());
            try (var reader = new RawClient(door.ro()).login();
                    var resting = new RawClient(door.ro()).login()) {
                assertThat(reader.answer("select")).isEqualTo("mute");
                mute.fallSilent();

                long asked = System.nanoTime();
                reader.query("select");
                assertThat(reader.until('E').getLast().field('C')).isEqualTo("57P01");
                assertThat(nameThrough(door)).isEqualTo("n1");
                // 0.6 s where the machine is quiet; the packets would be swallowed for a minute.
                assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(PATIENCE);
                assertThat(resting.until('E').getLast().field('C')).isEqualTo("57P01");
                assertThat(door.counter("kumki.gateway.cut", "reason", "lost")).isEqualTo(2);
            }
            try (var stays = new RawClient(door.ro()).login()) {
                assertThat(stays.answer("show cluster_name")).isEqualTo("n1");
                mute.speak();

                Awaitility.await().atMost(PATIENCE).until(() -> nameThrough(door).equals("mute"));
            }
        }
    }

    /** A new session meets the silence first. */
    @Test
    void aConnectThatIsSwallowedGoesToTheNextServer() throws Exception {
        try (var mute = new MuteServer();
                var door = new Doorway()) {
            mute.fallSilent();
            door.open(1, n1.target(), List.of(mute.target(), n2.target()), List.of());

            assertThat(nameThrough(door)).isEqualTo("n2");
            assertThat(nameThrough(door)).isEqualTo("n2");
            mute.speak();
            Awaitility.await().atMost(PATIENCE).until(() -> nameThrough(door).equals("mute"));
        }
    }

    /** The lease decides about the leader, not the gateway. */
    @Test
    void aLongStatementIsNoSilence() throws Exception {
        try (var door = new Doorway()) {
            door.open(1, n1.target(), List.of(n2.target()), List.of());
            try (var session = new RawClient(door.ro()).login()) {
                assertThat(session.answer("select 'slept' from pg_sleep(2)")).isEqualTo("slept");
                assertThat(session.answer("show cluster_name")).isEqualTo("n2");
            }
        }
    }

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static String nameThrough(Doorway door) throws IOException {
        try (var session = new RawClient(door.ro()).login()) {
            return session.answer("show cluster_name");
        }
    }
}
