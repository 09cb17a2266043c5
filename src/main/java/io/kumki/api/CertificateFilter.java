package io.kumki.api;

import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.security.cert.X509Certificate;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Refuses who is not the peer that it says, with 403 and the reason. */
public final class CertificateFilter {
    /** Asked for at the first call: filters are made before there is a configuration. */
    private final Instance<PeerGate> gate;

    public CertificateFilter(Instance<PeerGate> gate) {
        this.gate = gate;
    }

    @NeedsCertificate
    @ServerRequestFilter
    public Optional<Response> filter(HttpServerRequest request) {
        var sender = Objects.requireNonNullElse(request.getHeader("Kumki-Agent"), "");
        return gate.get()
                .refusal(sender, shown(request))
                .map(
                        reason ->
                                Response.status(Response.Status.FORBIDDEN)
                                        .type(MediaType.TEXT_PLAIN_TYPE)
                                        .entity(reason)
                                        .build());
    }

    private static Optional<X509Certificate> shown(HttpServerRequest request) {
        if (!request.isSSL()) {
            return Optional.empty();
        }
        try {
            return Optional.of((X509Certificate) request.sslSession().getPeerCertificates()[0]);
        } catch (SSLPeerUnverifiedException e) {
            return Optional.empty();
        }
    }
}
