package io.kumki.adapter.odoo;

import io.kumki.core.model.HostPort;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What Odoo shall use, in a form that is safe in odoo.conf. A host is a name, an address, or the
 * folder of a Unix socket.
 *
 * @param replica empty: Odoo reads from the writer too; both replica keys are then commented out
 */
public record Endpoints(HostPort writer, Optional<HostPort> replica) {
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9/:][A-Za-z0-9._:%/@-]*");

    /**
     * @throws IllegalArgumentException if a host could not stand in odoo.conf
     */
    public Endpoints {
        requireSafe(writer);
        replica.ifPresent(Endpoints::requireSafe);
    }

    static boolean isHost(String text) {
        return HOST.matcher(text).matches() && !OdooConf.isNotSet(text);
    }

    private static void requireSafe(HostPort address) {
        if (!isHost(address.host())) {
            throw new IllegalArgumentException(
                    "a database host must be one name or address, got \"" + address.host() + "\"");
        }
    }

    @Override
    public String toString() {
        return writer + replica.map(it -> ", reads from " + it).orElse(", no replica");
    }
}
