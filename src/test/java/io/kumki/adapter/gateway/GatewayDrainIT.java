package io.kumki.adapter.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A planned switchover as the gateway sees it: hold, drain, go on elsewhere. */
class GatewayDrainIT {
    private static PostgresServer n1;
    private static PostgresServer n2;

    @BeforeAll
    static void start() throws SQLException {
        n1 = new PostgresServer("n1");
        n2 = new PostgresServer("n2");
        for (var server : new PostgresServer[] {n1, n2}) {
            server.ask("create table work (id bigint generated always as identity, who int)");
        }
    }

    @AfterAll
    static void stop() {
        n1.close();
        n2.close();
    }

    @Test
    void idleSessionsAreClosedAndOpenTransactionsMayEnd() throws Exception {
        try (var door = new Doorway().open(1, n1.target());
                var idle = new RawClient(door.rw()).login();
                var working = new RawClient(door.rw()).login()) {
            idle.answer("select 1");
            working.answer("begin");

            door.draining(1, n1.target(), "n2");

            var farewell = idle.until('E').getLast();
            assertThat(farewell.field('C')).isEqualTo("57P01");
            assertThat(farewell.field('M')).contains("planned switchover");
            assertThat(idle.oneByte()).isEqualTo(-1);
            assertThat(working.answer("show cluster_name")).isEqualTo("n1");
            Awaitility.await().until(() -> door.gateway().doors().busy() == 1);
            int pokes = door.pokes();
            // One request may commit several times.
            working.query("commit");
            assertThat(working.answer("begin; select 'again'")).isEmpty();
            assertThat(working.until('Z')).anyMatch(m -> m.type() == 'D');
            assertThat(working.answer("commit")).isEmpty();
            assertThat(working.until('E').getLast().field('C')).isEqualTo("57P01");
            Awaitility.await().until(() -> door.gateway().doors().busy() == 0);
            assertThat(door.gateway().doors().holding()).isTrue();
            assertThat(door.pokes()).isGreaterThan(pokes);
        }
    }

    /** Odoo's pool resets a session when it hands it out, and begins only then. */
    @Test
    void aSessionThatWasJustResetIsInSomebodysHands() throws Exception {
        try (var door = new Doorway();
                var borrowed = Borrower.in(() -> led(door), () -> drain(door))) {
            assertThat(borrowed.answer("show cluster_name")).isEqualTo("n1");
            assertThat(borrowed.answer("commit")).isEmpty();
            assertThat(borrowed.until('E').getLast().field('C')).isEqualTo("57P01");
        }
    }

    /** Others reset when they take it back: then nobody will begin. */
    @Test
    void aSessionThatWasResetLongAgoIsClosed() throws Exception {
        try (var door = new Doorway();
                var pooled = led(door);
                var fresh = led(door)) {
            pooled.answer("Discard ALL;");

            drain(door);

            assertThat(pooled.until('E').getLast().field('C')).isEqualTo("57P01");
            assertThat(fresh.until('E').getLast().field('C')).isEqualTo("57P01");
        }
    }

    private static RawClient led(Doorway door) throws IOException {
        door.open(1, n1.target());
        return new RawClient(door.rw()).login();
    }

    private static void drain(Doorway door) {
        door.draining(1, n1.target(), "n2");
    }

    @Test
    void aSwitchoverThatWasGivenUpLeavesOpenSessionsAsTheyWere() throws Exception {
        try (var door = new Doorway().open(1, n1.target());
                var working = new RawClient(door.rw()).login()) {
            working.answer("begin");
            door.draining(1, n1.target(), "n2");
            Awaitility.await().until(() -> door.gateway().doors().holding());
            var waiting = new RawClient(door.rw()).startup();

            door.open(1, n1.target());

            waiting.until('Z');
            assertThat(waiting.answer("show cluster_name")).isEqualTo("n1");
            waiting.close();
            assertThat(working.answer("commit")).isEmpty();
            Awaitility.await().until(() -> !door.gateway().doors().holding());
            assertThat(working.answer("select 'still here'")).isEqualTo("still here");
        }
    }

    @Test
    void theRestIsCutWhenTheServerIsStopped() throws Exception {
        try (var door = new Doorway().open(1, n1.target());
                var working = new RawClient(door.rw()).login()) {
            working.query("begin; select pg_sleep(60)");
            door.draining(1, n1.target(), "n2");
            Awaitility.await().until(() -> door.gateway().doors().busy() == 1);

            door.vacant(1, "n1 has stopped for a switchover");

            assertThat(working.until('E').getLast().field('C')).isEqualTo("57P01");
            assertThatThrownBy(() -> working.until('Z')).isInstanceOf(IOException.class);
        }
    }

    /** Twenty switchovers under load: no request fails, though none is ever repeated. */
    @Test
    void noRequestFailsInTwentySwitchovers() throws Exception {
        var errors = new ConcurrentLinkedQueue<String>();
        var done = new AtomicInteger();
        try (var door = new Doorway().open(1, n1.target());
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var clients = new ArrayList<Pool>();
            for (int i = 0; i < 8; i++) {
                var pool = new Pool(door, errors, done);
                clients.add(pool);
                threads.submit(pool::work);
            }
            var from = n1;
            var to = n2;
            for (int term = 2; term <= 21; term++) {
                int before = done.get();
                Awaitility.await().until(() -> done.get() > before + 40);
                door.draining(term - 1, from.target(), "other");
                Awaitility.await()
                        .atMost(Duration.ofSeconds(30))
                        .until(() -> holds(door) && door.gateway().doors().busy() == 0);
                door.vacant(term - 1, "it has stopped");
                door.open(term, to.target());
                var next = from;
                from = to;
                to = next;
            }
            clients.forEach(Pool::end);
            threads.shutdown();
            assertThat(threads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(errors).isEmpty();
        assertThat(n1.ask("select count(*) > 0 from work")).isEqualTo("t");
        assertThat(n2.ask("select count(*) > 0 from work")).isEqualTo("t");
    }

    private static boolean holds(Doorway door) {
        return door.gateway().doors().holding();
    }

    /** Like Odoo's: resets at borrowing, drops the dead silently, never repeats a request. */
    private static final class Pool {
        /** A client that a busy machine keeps longer between two statements may be closed. */
        private static final long HAND_OUT = TimeUnit.MILLISECONDS.toNanos(250);

        private static final long BETWEEN = TimeUnit.MILLISECONDS.toNanos(40);

        private final Doorway door;
        private final Queue<String> errors;
        private final AtomicInteger done;
        private final Deque<Connection> idle = new ArrayDeque<>();
        private volatile boolean over;

        Pool(Doorway door, Queue<String> errors, AtomicInteger done) {
            this.door = door;
            this.errors = errors;
            this.done = done;
        }

        void end() {
            over = true;
        }

        void work() {
            while (!over) {
                try {
                    request();
                    done.incrementAndGet();
                    Thread.sleep(20);
                } catch (SQLException e) {
                    errors.add(e.getSQLState() + " " + e.getMessage());
                } catch (InterruptedException e) {
                    over = true;
                }
            }
            idle.forEach(Pool::drop);
        }

        private void request() throws SQLException, InterruptedException {
            long pause = HAND_OUT;
            long last = System.nanoTime();
            var session = borrow();
            for (int commit = 0; commit < 2; commit++) {
                boolean rested = System.nanoTime() - last > pause;
                try {
                    PostgresServer.ask(session, "begin isolation level repeatable read");
                } catch (SQLException e) {
                    drop(session);
                    if (rested) {
                        return;
                    }
                    throw e;
                }
                PostgresServer.ask(session, "insert into work (who) values (1)");
                Thread.sleep(5);
                pause = BETWEEN;
                last = System.nanoTime();
                PostgresServer.ask(session, "commit");
            }
            idle.push(session);
        }

        private static void drop(Connection session) {
            try {
                session.abort(Runnable::run);
            } catch (SQLException gone) {
                throw new IllegalStateException(gone);
            }
        }

        private Connection borrow() throws SQLException {
            while (!idle.isEmpty()) {
                var session = idle.pop();
                try {
                    PostgresServer.ask(session, "DISCARD ALL");
                    return session;
                } catch (SQLException dead) {
                    drop(session);
                }
            }
            return door.write();
        }
    }
}
