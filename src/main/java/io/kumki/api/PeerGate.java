package io.kumki.api;

import java.security.cert.X509Certificate;
import java.util.Optional;

/** Knows whose certificate is whose. */
public interface PeerGate {

    /**
     * @param sender node/incarnation, as the caller says
     * @param shown the caller's certificate, which our authority has issued
     * @return why the caller is not heard as that peer, if it is not
     */
    Optional<String> refusal(String sender, Optional<X509Certificate> shown);
}
