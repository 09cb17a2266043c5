package io.kumki.adapter.pgbouncer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The client's side of SCRAM-SHA-256 (RFC 5802 and 7677) without channel binding, once. PostgreSQL
 * ignores the user's name in it. The password is taken as it is: SASLprep changes nothing in ASCII.
 */
final class Scram {
    static final String MECHANISM = "SCRAM-SHA-256";
    private static final String NO_BINDING = "n,,";
    private static final int MOST_ROUNDS = 1_000_000;

    private final String password;
    private final String clientFirst;
    private final String nonce;
    private byte[] expected = {};

    Scram(String password) {
        this.password = password;
        var random = new byte[18];
        new SecureRandom().nextBytes(random);
        this.nonce = Base64.getEncoder().encodeToString(random);
        this.clientFirst = "n=,r=" + nonce;
    }

    String first() {
        return NO_BINDING + clientFirst;
    }

    /**
     * @param challenge the server's first message
     * @throws IOException if it is none
     */
    String answer(String challenge) throws IOException {
        var parts = parts(challenge);
        var combined = parts.getOrDefault("r", "");
        if (!combined.startsWith(nonce) || combined.length() == nonce.length()) {
            throw new IOException("its SCRAM challenge is not for us");
        }
        try {
            int rounds = Integer.parseInt(parts.getOrDefault("i", ""));
            if (rounds < 1 || rounds > MOST_ROUNDS) {
                throw new IOException("its SCRAM challenge wants " + rounds + " rounds");
            }
            var salt = Base64.getDecoder().decode(parts.getOrDefault("s", ""));
            var salted = salted(salt, rounds);
            var bare = "c=" + encode(NO_BINDING.getBytes(UTF_8)) + ",r=" + combined;
            var all = clientFirst + "," + challenge + "," + bare;
            var key = mac(salted, "Client Key");
            var stored = MessageDigest.getInstance("SHA-256").digest(key);
            var proof = xor(key, mac(stored, all));
            expected = mac(mac(salted, "Server Key"), all);
            return bare + ",p=" + encode(proof);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException("its SCRAM challenge can't be answered", e);
        }
    }

    /**
     * @throws IOException if the server does not know the password either
     */
    void check(String last) throws IOException {
        if (expected.length == 0 || !last.equals("v=" + encode(expected))) {
            throw new IOException("it could not prove that it knows the password");
        }
    }

    private static Map<String, String> parts(String message) {
        var parts = new HashMap<String, String>();
        for (var part : message.split(",")) {
            int sign = part.indexOf('=');
            if (sign > 0) {
                parts.put(part.substring(0, sign), part.substring(sign + 1));
            }
        }
        return parts;
    }

    /** Hi() of RFC 5802, which is PBKDF2 with one block. */
    private byte[] salted(byte[] salt, int rounds) throws GeneralSecurityException {
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(password.getBytes(UTF_8), mac.getAlgorithm()));
        mac.update(salt);
        var block = mac.doFinal(new byte[] {0, 0, 0, 1});
        var sum = block.clone();
        for (int round = 1; round < rounds; round++) {
            block = mac.doFinal(block);
            sum = xor(sum, block);
        }
        return sum;
    }

    private static byte[] mac(byte[] key, String text) throws GeneralSecurityException {
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, mac.getAlgorithm()));
        return mac.doFinal(text.getBytes(UTF_8));
    }

    private static byte[] xor(byte[] one, byte[] other) {
        var result = new byte[one.length];
        for (int i = 0; i < one.length; i++) {
            result[i] = (byte) (one[i] ^ other[i]);
        }
        return result;
    }

    private static String encode(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
