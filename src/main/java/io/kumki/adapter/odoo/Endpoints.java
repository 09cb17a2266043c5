package io.kumki.adapter.odoo;

import java.util.Optional;

/**
 * What Odoo shall use.
 *
 * @param replica empty: Odoo reads from the writer too; both replica keys are then commented out
 */
public record Endpoints(HostPort writer, Optional<HostPort> replica) {
    @Override
    public String toString() {
        return writer + replica.map(it -> ", reads from " + it).orElse(", no replica");
    }
}
