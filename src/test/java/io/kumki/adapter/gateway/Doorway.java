package io.kumki.adapter.gateway;

import io.kumki.core.model.HostPort;
import io.kumki.core.routing.Routes;
import io.kumki.core.routing.Target;
import io.kumki.support.FreePort;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A gateway on free ports of this machine. */
final class Doorway implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final AtomicInteger pokes = new AtomicInteger();
    private final HostPort rw = new HostPort("127.0.0.1", FreePort.next());
    private final HostPort ro = new HostPort("127.0.0.1", FreePort.next());
    private final Gateway gateway;

    Doorway() {
        this(Duration.ofSeconds(20), 1000, Optional.empty());
    }

    Doorway(Duration hold, int maxSessions, Optional<Gateway.Tls> tls) {
        var terms =
                new Gateway.Terms(
                        Optional.of(rw),
                        Optional.of(ro),
                        hold,
                        Duration.ofSeconds(2),
                        maxSessions,
                        tls);
        gateway = new Gateway(vertx, terms, meters, pokes::incrementAndGet);
        try {
            gateway.open().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    HostPort rw() {
        return rw;
    }

    HostPort ro() {
        return ro;
    }

    Gateway gateway() {
        return gateway;
    }

    int pokes() {
        return pokes.get();
    }

    /** Writes and reads go to one server. */
    Doorway open(long term, Target leader) {
        return open(term, leader, List.of(leader), List.of());
    }

    Doorway open(long term, Target leader, List<Target> readers, List<Target> tolerated) {
        gateway.route(new Routes(term, new Routes.Open(leader), readers, tolerated));
        return this;
    }

    Doorway vacant(long term, String why) {
        gateway.route(new Routes(term, new Routes.Vacant(why), List.of(), List.of()));
        return this;
    }

    Doorway draining(long term, Target from, String to) {
        gateway.route(new Routes(term, new Routes.Draining(from, to), List.of(), List.of()));
        return this;
    }

    Connection write() throws SQLException {
        return PostgresServer.connect(rw, Map.of("preferQueryMode", "simple"));
    }

    Connection read() throws SQLException {
        return PostgresServer.connect(ro, Map.of("preferQueryMode", "simple"));
    }

    double gauge(String name) {
        return meters.get(name).gauges().stream().mapToDouble(g -> g.value()).sum();
    }

    /** Of all reasons together, or of one; 0 if it was never counted. */
    double counter(String name, String... tags) {
        return meters.find(name).tags(tags).counters().stream().mapToDouble(c -> c.count()).sum();
    }

    @Override
    public void close() {
        gateway.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
