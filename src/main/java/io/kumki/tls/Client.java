package io.kumki.tls;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/** How an operator's commands connect. */
public final class Client {
    private static final KeyManager[] NO_KEYS = {};

    private Client() {}

    /** Trusts this authority, shows no certificate: the token says who asks. */
    public static SSLContext trusting(Path authority) throws TlsException {
        return context(NO_KEYS, Identity.authority(Pem.certificates(authority)));
    }

    /** Shows a certificate too. */
    public static SSLContext showing(PemFiles files, Instant now) throws TlsException {
        var identity = Identity.read(files, now);
        return context(new KeyManager[] {identity.keys()}, identity.authority());
    }

    private static SSLContext context(KeyManager[] keys, TrustManager authority)
            throws TlsException {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(keys, new TrustManager[] {authority}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new TlsException("TLS can't be used: " + e.getMessage());
        }
    }
}
