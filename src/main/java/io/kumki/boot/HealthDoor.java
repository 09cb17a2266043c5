package io.kumki.boot;

import io.kumki.core.model.HostPort;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.http.runtime.VertxHttpRecorder;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * Health checks and metrics in plain HTTP beside a port that talks TLS only: a check that runs
 * every few seconds in a new process can't afford to greet. Nothing else is answered here.
 */
@Singleton
public final class HealthDoor {
    private static final Logger LOG = Logger.getLogger(HealthDoor.class);
    private static final Set<HttpMethod> LOOKING =
            Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);
    private static final Set<String> PATHS =
            Set.of(
                    "/primary",
                    "/replica",
                    "/read-only",
                    "/sync",
                    "/async",
                    "/health",
                    "/liveness",
                    "/readiness",
                    "/q/health",
                    "/q/health/live",
                    "/q/health/ready",
                    "/q/metrics");

    void open(@Observes StartupEvent event, Vertx vertx) {
        Launch.configuration().listenHealth().ifPresent(address -> listen(vertx, address));
    }

    private static void listen(Vertx vertx, HostPort address) {
        vertx.createHttpServer(
                        new HttpServerOptions().setHost(address.host()).setPort(address.port()))
                .requestHandler(HealthDoor::answer)
                .listen()
                .onFailure(
                        failure -> {
                            LOG.errorf(
                                    "the agent ends: cannot listen on `listen-health` = %s: %s",
                                    address, failure.getMessage());
                            Quarkus.asyncExit(1);
                        });
    }

    private static void answer(HttpServerRequest request) {
        if (LOOKING.contains(request.method()) && PATHS.contains(request.path())) {
            VertxHttpRecorder.getRootHandler().handle(request);
        } else {
            request.response()
                    .setStatusCode(403)
                    .end("only health checks and metrics are answered here");
        }
    }
}
