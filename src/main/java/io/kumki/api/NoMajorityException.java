package io.kumki.api;

/**
 * The register or the leader could not be asked: too few voters answered in time, or it did not.
 */
public final class NoMajorityException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public NoMajorityException(String message) {
        super(message);
    }
}
