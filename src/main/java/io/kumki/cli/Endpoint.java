package io.kumki.cli;

import io.kumki.core.model.HostPort;
import java.io.IOException;
import javax.net.ssl.SSLException;

/** One agent's address and how it is spoken to. */
record Endpoint(boolean tls, HostPort address) {
    private static final String SECURE = "https://";
    private static final String PLAIN = "http://";

    /**
     * Reads {@code HOST:PORT}, with {@code http://} or {@code https://} before it or not.
     *
     * @param usually whether TLS is meant where none of them stands there
     * @throws IllegalArgumentException if it is no address
     */
    static Endpoint parse(String text, boolean usually) {
        boolean secure = text.startsWith(SECURE);
        boolean plain = text.startsWith(PLAIN);
        var rest = secure || plain ? text.substring(text.indexOf("//") + 2) : text;
        return new Endpoint(
                secure || (usually && !plain), HostPort.parse(rest.replaceAll("/$", "")));
    }

    String url() {
        return (tls ? SECURE : PLAIN) + address;
    }

    /** What may be behind a failure, or nothing. */
    String hint(IOException failure) {
        boolean distrust = failure instanceof SSLException;
        if (tls && distrust) {
            return " (is --tls-ca the authority of that agent, and does it talk TLS?)";
        }
        boolean cut = failure.getMessage() != null && failure.getMessage().contains("EOF");
        return !tls && cut ? " (does it talk TLS? Then name its authority with --tls-ca)" : "";
    }

    @Override
    public String toString() {
        return address.toString();
    }
}
