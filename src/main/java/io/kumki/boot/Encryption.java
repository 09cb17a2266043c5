package io.kumki.boot;

import io.kumki.adapter.alert.Certificates;
import io.kumki.api.PeerGate;
import io.kumki.config.Configuration;
import io.kumki.config.Configuration.PostgresTls;
import io.kumki.core.model.HostPort;
import io.kumki.core.model.NodeId;
import io.kumki.tls.Names;
import io.kumki.tls.PemFiles;
import io.kumki.tls.Rotation;
import io.kumki.tls.Rotation.Look;
import io.kumki.tls.TlsException;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.TrustOptions;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * TLS on the one port of this agent, if it is configured: everybody is served by TLS, and only who
 * shows a peer's certificate is heard as a peer. Health checks and operators need none (ADR 10).
 */
@Singleton
public final class Encryption implements HttpServerOptionsCustomizer, PeerGate, Certificates {
    private static final Logger LOG = Logger.getLogger(Encryption.class);
    private static final Duration LOOK = Duration.ofSeconds(10);
    private static final Duration REMIND = Duration.ofDays(1);
    private static final Duration SOON = Duration.ofDays(14);

    private final Map<NodeId, HostPort> peers = Launch.configuration().peers();
    private final Optional<Rotation> rotation = rotation(Launch.configuration());
    private Instant reminded = Instant.MIN;

    private static Optional<Rotation> rotation(Configuration configuration) {
        var host = configuration.peers().get(configuration.settings().self()).host();
        return configuration.tls().map(files -> open(files, host));
    }

    private static Rotation open(PemFiles files, String host) {
        try {
            return new Rotation(files, host, Instant.now());
        } catch (TlsException e) {
            throw new IllegalStateException("TLS: " + e.getMessage(), e);
        }
    }

    @Override
    public Optional<Instant> expires() {
        return rotation.map(Rotation::expires);
    }

    Optional<Rotation> rotation() {
        return rotation;
    }

    /** The agent's connection to its server: nobody else's certificate is involved there. */
    static void protect(PgConnectOptions options, PostgresTls wanted) {
        options.setSslMode(SslMode.valueOf(wanted.mode().name()));
        switch (wanted.mode()) {
            case DISABLE -> {}
            case PREFER, REQUIRE -> options.setTrustAll(true);
            case VERIFY_CA -> options.setHostnameVerificationAlgorithm("");
            case VERIFY_FULL -> options.setHostnameVerificationAlgorithm("HTTPS");
        }
        wanted.authority()
                .ifPresent(
                        ca ->
                                options.setPemTrustOptions(
                                        new PemTrustOptions().addCertPath(ca.toString())));
    }

    @Override
    public void customizeHttpServer(HttpServerOptions options) {
        rotation.ifPresent(
                r ->
                        options.setSsl(true)
                                .setClientAuth(ClientAuth.REQUEST)
                                .setKeyCertOptions(KeyCertOptions.wrap(r.keys()))
                                .setTrustOptions(TrustOptions.wrap(r.authority())));
    }

    /** Looks for new files every ten seconds; says how long the certificate is still valid. */
    void begin(@Observes StartupEvent event, Vertx vertx, MeterRegistry meters) {
        rotation.ifPresent(
                r -> {
                    Gauge.builder("kumki.certificate.expires.seconds", r, Encryption::left)
                            .description("until this agent's certificate expires")
                            .register(meters);
                    remind(r);
                    vertx.setPeriodic(
                            LOOK.toMillis(), timer -> vertx.executeBlocking(() -> look(r), true));
                });
    }

    private static double left(Rotation rotation) {
        return Duration.between(Instant.now(), rotation.expires()).toSeconds();
    }

    private Rotation look(Rotation rotation) {
        switch (rotation.look(Instant.now())) {
            case Look.Same same -> {}
            case Look.Renewed renewed ->
                    LOG.infof("certificate renewed, expires=%s", renewed.expires());
            case Look.Kept kept ->
                    LOG.errorf(
                            "the changed certificate files are not taken, the former ones stay in"
                                    + " use until %s: %s",
                            rotation.expires(), kept.reason());
        }
        remind(rotation);
        return rotation;
    }

    private void remind(Rotation rotation) {
        var now = Instant.now();
        if (now.plus(SOON).isAfter(rotation.expires()) && reminded.plus(REMIND).isBefore(now)) {
            reminded = now;
            LOG.warnf(
                    "this agent's certificate expires at %s: from then on it is no peer to the"
                            + " others. Replace the files; no restart is needed.",
                    rotation.expires());
        }
    }

    @Override
    public Optional<String> refusal(String sender, Optional<X509Certificate> shown) {
        if (rotation.isEmpty()) {
            return Optional.empty();
        }
        var node = sender.contains("/") ? sender.substring(0, sender.indexOf('/')) : sender;
        var address =
                peers.entrySet().stream()
                        .filter(e -> e.getKey().name().equals(node))
                        .map(Map.Entry::getValue)
                        .findFirst();
        if (address.isEmpty()) {
            return Optional.of("\"%s\" is not in this agent's `peers`".formatted(node));
        }
        if (shown.isEmpty()) {
            return Optional.of("%s showed no certificate of this agent's `tls-ca`".formatted(node));
        }
        return Names.cover(shown.get(), address.get().host())
                ? Optional.empty()
                : Optional.of(
                        "%s is at %s, its certificate is made out to %s"
                                .formatted(node, address.get(), Names.of(shown.get())));
    }
}
