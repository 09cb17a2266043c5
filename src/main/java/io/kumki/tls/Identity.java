package io.kumki.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * A certificate with its key and the authority that others are judged by. Made only of what fits
 * together, is valid now, and serves both ends of a connection: agents call and are called.
 *
 * @param certificate our own
 */
public record Identity(
        X509Certificate certificate,
        X509ExtendedKeyManager keys,
        X509ExtendedTrustManager authority) {
    private static final char[] NO_PASSWORD = {};

    /**
     * @param now when it must be valid
     * @throws TlsException if a file can't be read or one does not fit the others
     */
    public static Identity read(PemFiles files, Instant now) throws TlsException {
        var chain = Pem.certificates(files.certificate());
        var own = chain.get(0);
        valid(files, own, now);
        var key = Pem.key(files.key(), own.getPublicKey().getAlgorithm());
        if (!belong(key, own.getPublicKey())) {
            throw new TlsException(
                    "the key %s is not that of the certificate %s"
                            .formatted(files.key(), files.certificate()));
        }
        var authority = authority(Pem.certificates(files.authority()));
        issued(files, chain, authority);
        return new Identity(own, keys(chain, key), authority);
    }

    private static void valid(PemFiles files, X509Certificate own, Instant now)
            throws TlsException {
        var from = own.getNotBefore().toInstant();
        var until = own.getNotAfter().toInstant();
        if (now.isBefore(from)) {
            throw new TlsException(
                    "the certificate %s is valid from %s, it is %s now; look at the clock"
                            .formatted(files.certificate(), from, now));
        }
        if (now.isAfter(until)) {
            throw new TlsException(
                    "the certificate %s expired at %s, it is %s now; make a new one"
                            .formatted(files.certificate(), until, now));
        }
    }

    /** The one way to know: what the key signs, the certificate confirms. */
    private static boolean belong(PrivateKey key, PublicKey certified) {
        try {
            var signature =
                    Signature.getInstance(
                            switch (key.getAlgorithm()) {
                                case "RSA" -> "SHA256withRSA";
                                case "EC" -> "SHA256withECDSA";
                                default -> key.getAlgorithm();
                            });
            signature.initSign(key);
            signature.update(certified.getEncoded());
            var signed = signature.sign();
            signature.initVerify(certified);
            signature.update(certified.getEncoded());
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static void issued(
            PemFiles files, List<X509Certificate> chain, X509ExtendedTrustManager authority)
            throws TlsException {
        var presented = chain.toArray(X509Certificate[]::new);
        try {
            authority.checkServerTrusted(presented, "UNKNOWN");
            authority.checkClientTrusted(presented, "UNKNOWN");
        } catch (CertificateException e) {
            throw new TlsException(
                    "the certificate %s does not pass with the authority %s: %s. %s"
                            .formatted(
                                    files.certificate(),
                                    files.authority(),
                                    e.getMessage(),
                                    "It must be issued by it, for servers and clients"));
        }
    }

    /**
     * Judges others by these certificates and by nothing else.
     *
     * @throws TlsException if the JDK can't
     */
    static X509ExtendedTrustManager authority(List<X509Certificate> certificates)
            throws TlsException {
        try {
            var store = emptyStore();
            for (int i = 0; i < certificates.size(); i++) {
                store.setCertificateEntry("authority-" + i, certificates.get(i));
            }
            var factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            return only(X509ExtendedTrustManager.class, factory.getTrustManagers());
        } catch (GeneralSecurityException | IOException e) {
            throw new TlsException("the authority can't be used: " + e.getMessage());
        }
    }

    private static X509ExtendedKeyManager keys(List<X509Certificate> chain, PrivateKey key)
            throws TlsException {
        try {
            var store = emptyStore();
            store.setKeyEntry("own", key, NO_PASSWORD, chain.toArray(X509Certificate[]::new));
            var factory = KeyManagerFactory.getInstance("SunX509");
            factory.init(store, NO_PASSWORD);
            return only(X509ExtendedKeyManager.class, factory.getKeyManagers());
        } catch (GeneralSecurityException | IOException e) {
            throw new TlsException("the certificate can't be used: " + e.getMessage());
        }
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        return store;
    }

    private static <T> T only(Class<T> type, Object[] found) throws TlsException {
        return Arrays.stream(found)
                .filter(type::isInstance)
                .map(type::cast)
                .findFirst()
                .orElseThrow(() -> new TlsException("this JDK has no " + type.getSimpleName()));
    }
}
