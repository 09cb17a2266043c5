package io.kumki.boot;

import io.kumki.adapter.gateway.Gateway;
import io.kumki.adapter.haproxy.HaproxyPublisher;
import io.kumki.adapter.pgbouncer.PgbouncerPublisher;
import io.kumki.agent.Snapshot;
import io.kumki.agent.port.Publisher;
import io.kumki.config.Configuration;
import io.kumki.core.model.Doors;
import io.kumki.core.routing.Routes;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The doors beside this agent: all follow the same routes, and answer as one. */
final class Front implements Publisher {
    private static final Duration ANSWER = Duration.ofSeconds(1);

    private final Optional<Gateway> gateway;
    private final List<Door> doors;

    private record Door(Consumer<Routes> route, Supplier<Doors> state, Runnable close) {}

    Front(Configuration configuration, Vertx vertx, MeterRegistry meters, Runnable poke) {
        this.gateway =
                Optional.of(configuration.gateway())
                        .filter(Configuration.Gateway::isOpen)
                        .map(wanted -> new Gateway(vertx, terms(wanted), meters, poke));
        this.doors =
                Stream.of(
                                gateway.map(g -> new Door(g::route, g::doors, g::close)),
                                configuration.haproxy().map(wanted -> haproxy(wanted, poke)),
                                configuration.pgbouncer().map(wanted -> pgbouncer(wanted, poke)))
                        .flatMap(Optional::stream)
                        .toList();
    }

    private static Gateway.Terms terms(Configuration.Gateway wanted) {
        return new Gateway.Terms(
                wanted.rw(),
                wanted.ro(),
                wanted.hold(),
                wanted.connectTimeout(),
                wanted.maxSessions(),
                wanted.tls().map(t -> new Gateway.Tls(t.certificate(), t.key())));
    }

    private static Door haproxy(Configuration.Haproxy wanted, Runnable poke) {
        var publisher =
                new HaproxyPublisher(
                        new HaproxyPublisher.Terms(
                                wanted.socket(),
                                wanted.writeBackend(),
                                wanted.readBackend(),
                                ANSWER),
                        poke);
        return new Door(publisher::route, publisher::doors, publisher::close);
    }

    private static Door pgbouncer(Configuration.Pgbouncer wanted, Runnable poke) {
        var publisher =
                new PgbouncerPublisher(
                        new PgbouncerPublisher.Terms(
                                wanted.admin(),
                                wanted.user(),
                                wanted.password().value(),
                                wanted.databases(),
                                List.of("postgres"),
                                ANSWER),
                        poke);
        return new Door(publisher::route, publisher::doors, publisher::close);
    }

    /** Fails if an address of the gateway is taken. */
    Future<Void> open() {
        return gateway.map(Gateway::open).orElseGet(Future::succeededFuture);
    }

    @Override
    public void publish(Snapshot snapshot) {
        var routes = snapshot.routing().routes();
        doors.forEach(door -> door.route().accept(routes));
    }

    /** Empty if there is no door here. */
    Optional<Doors> state() {
        return doors.stream().map(door -> door.state().get()).reduce(Doors::and);
    }

    void close() {
        doors.forEach(door -> door.close().run());
    }
}
