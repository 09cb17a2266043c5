package io.kumki.tls;

/** A certificate or key that can't be used; the message is for people and holds no secret. */
public final class TlsException extends Exception {
    private static final long serialVersionUID = 1;

    TlsException(String message) {
        super(message);
    }
}
