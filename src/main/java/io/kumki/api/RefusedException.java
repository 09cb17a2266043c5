package io.kumki.api;

/** An operator's wish that is not fulfilled; the message says why, and that nothing was done. */
public final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public RefusedException(String message) {
        super(message);
    }
}
