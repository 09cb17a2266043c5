package io.kumki.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/** Reads PEM files (RFC 7468) with the JDK's means. */
final class Pem {
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----");
    private static final Pattern OTHER_KEY =
            Pattern.compile("-----BEGIN ((?:[A-Z0-9]+ )+PRIVATE KEY)-----");

    private Pem() {}

    /** At least one. */
    static List<X509Certificate> certificates(Path file) throws TlsException {
        var text = read(file);
        if (!text.contains("-----BEGIN CERTIFICATE-----")) {
            throw new TlsException("%s holds no certificate in PEM".formatted(file));
        }
        try {
            var bytes = text.getBytes(StandardCharsets.US_ASCII);
            return CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(bytes))
                    .stream()
                    .map(X509Certificate.class::cast)
                    .toList();
        } catch (CertificateException e) {
            throw new TlsException(
                    "%s can't be read as a certificate: %s".formatted(file, e.getMessage()));
        }
    }

    /**
     * @param algorithm of the certificate's public key: another kind of key can't belong to it
     */
    static PrivateKey key(Path file, String algorithm) throws TlsException {
        var text = read(file);
        var found = KEY.matcher(text);
        if (!found.find()) {
            var other = OTHER_KEY.matcher(text);
            throw new TlsException(
                    other.find()
                            ? "%s holds a \"%s\"; expected PKCS#8 without a password: %s"
                                    .formatted(
                                            file,
                                            other.group(1),
                                            "openssl pkcs8 -topk8 -nocrypt -in OLD -out NEW")
                            : "%s holds no private key in PEM".formatted(file));
        }
        try {
            var bytes = Base64.getMimeDecoder().decode(found.group(1));
            return KeyFactory.getInstance(algorithm)
                    .generatePrivate(new PKCS8EncodedKeySpec(bytes));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new TlsException(
                    "%s can't be read as a key for the certificate, which has one of %s"
                            .formatted(file, algorithm));
        }
    }

    private static String read(Path file) throws TlsException {
        try {
            return Files.readString(file, StandardCharsets.US_ASCII);
        } catch (NoSuchFileException e) {
            throw new TlsException("there is no file " + file);
        } catch (AccessDeniedException e) {
            throw new TlsException("this user may not read " + file);
        } catch (IOException e) {
            throw new TlsException(
                    "cannot read %s (%s)".formatted(file, e.getClass().getSimpleName()));
        }
    }
}
