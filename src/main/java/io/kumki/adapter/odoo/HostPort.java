package io.kumki.adapter.odoo;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * Where a PostgreSQL server listens, in a form that is safe as a value in odoo.conf.
 *
 * @param host name, IPv4 or IPv6 address (without brackets), or the folder of a Unix socket
 * @param port 1 to 65535
 */
public record HostPort(String host, int port) {
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9/:][A-Za-z0-9._:%/@-]*");

    /** Odoo reads these as "not set". */
    private static final Set<String> NOT_SET = Set.of("False", "false", "None");

    /**
     * @throws IllegalArgumentException if the host could not stand in odoo.conf or the port is out
     *     of range
     */
    public HostPort {
        if (!isHost(host)) {
            throw new IllegalArgumentException(
                    "a database host must be one name or address, got \"" + host + "\"");
        }
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("a port must be 1 to 65535, got " + port);
        }
    }

    static boolean isHost(String text) {
        return HOST.matcher(text).matches() && !NOT_SET.contains(text);
    }

    static boolean isNotSet(String text) {
        return NOT_SET.contains(text);
    }

    /** A folder of a Unix socket is not seen in the table of TCP connections. */
    boolean isSocketFolder() {
        return host.startsWith("/");
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
