package io.kumki.cli;

/** A command that ends without having done its work; the message is for people. */
final class Failure extends Exception {
    private static final long serialVersionUID = 1;

    /** Refused or failed. */
    static final int REFUSED = 1;

    /** Words that contradict each other; as picocli's own code for wrong usage. */
    static final int USAGE = 2;

    /** EX_UNAVAILABLE of sysexits.h. */
    static final int UNREACHABLE = 69;

    /** EX_NOPERM of sysexits.h. */
    static final int NO_PERMISSION = 77;

    private final int exit;

    Failure(int exit, String message) {
        super(message);
        this.exit = exit;
    }

    int exit() {
        return exit;
    }
}
