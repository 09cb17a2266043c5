package io.kumki.adapter.gateway;

import io.kumki.core.model.HostPort;
import io.kumki.core.model.NodeId;
import io.kumki.core.routing.Routes;
import io.kumki.core.routing.Target;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A gateway as a program of its own, for measurements: GatewayHost RW RO SERVER. */
final class GatewayHost {
    private GatewayHost() {}

    public static void main(String[] ports) throws Exception {
        var options = new VertxOptions();
        Optional.ofNullable(System.getProperty("loops"))
                .ifPresent(n -> options.setEventLoopPoolSize(Integer.parseInt(n)));
        var server = new Target(new NodeId("n1"), HostPort.parse(ports[2]));
        var terms =
                new Gateway.Terms(
                        Optional.of(HostPort.parse(ports[0])),
                        Optional.of(HostPort.parse(ports[1])),
                        Duration.ofSeconds(15),
                        Duration.ofSeconds(2),
                        5000,
                        Optional.empty());
        var gateway = new Gateway(Vertx.vertx(options), terms, new SimpleMeterRegistry(), () -> {});
        gateway.open().toCompletionStage().toCompletableFuture().get();
        gateway.route(new Routes(1, new Routes.Open(server), List.of(server), List.of()));
        Thread.currentThread().join();
    }
}
