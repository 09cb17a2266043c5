package io.kumki.adapter.alert;

import java.time.Instant;
import java.util.Optional;

/** Of the certificate that this agent shows to its peers. */
public interface Certificates {
    /** When it ends to be valid; empty without TLS. A renewed one counts from when it is read. */
    Optional<Instant> expires();
}
