package io.kumki.tls;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The hosts that a certificate is made out to: its subject alternative names (RFC 5280, 4.2.1.6).
 * Wildcards count for nobody: one agent's certificate must not be another's.
 */
public final class Names {
    private static final int DNS = 2;
    private static final int IP = 7;
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

    private Names() {}

    /** Empty if there are none, or none that can be read. */
    public static List<String> of(X509Certificate certificate) {
        try {
            var names = certificate.getSubjectAlternativeNames();
            return names == null
                    ? List.of()
                    : names.stream()
                            .filter(n -> n.get(0).equals(DNS) || n.get(0).equals(IP))
                            .map(n -> n.get(1).toString())
                            .toList();
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }

    /**
     * @param host a name or an address, as in {@code peers}
     */
    public static boolean cover(X509Certificate certificate, String host) {
        return of(certificate).stream().anyMatch(name -> same(name, host));
    }

    private static boolean same(String name, String host) {
        boolean addresses = ADDRESS.matcher(name).matches() && ADDRESS.matcher(host).matches();
        return addresses ? address(name).equals(address(host)) : name.equalsIgnoreCase(host);
    }

    /** Only for text that is an address: nothing is looked up. */
    private static Object address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            return text;
        }
    }
}
