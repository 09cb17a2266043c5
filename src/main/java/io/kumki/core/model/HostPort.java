package io.kumki.core.model;

/**
 * Where something listens.
 *
 * @param port 1 to 65535
 */
public record HostPort(String host, int port) {
    public HostPort {
        if (host.isBlank() || port < 1 || port > 65535) {
            throw new IllegalArgumentException(
                    "an address must be HOST:PORT with a port of 1 to 65535, got \""
                            + host
                            + ":"
                            + port
                            + "\"");
        }
    }

    /**
     * Reads {@code HOST:PORT}; an IPv6 host may stand in brackets.
     *
     * @throws IllegalArgumentException if there is no host or no valid port
     */
    public static HostPort parse(String text) {
        int colon = text.lastIndexOf(':');
        try {
            return new HostPort(
                    text.substring(0, colon).replaceAll("^\\[|]$", ""),
                    Integer.parseInt(text.substring(colon + 1)));
        } catch (IndexOutOfBoundsException | NumberFormatException e) {
            throw new IllegalArgumentException(
                    "an address must be HOST:PORT, got \"" + text + "\"", e);
        }
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
