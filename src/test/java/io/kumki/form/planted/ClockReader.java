package io.kumki.form.planted;

/** Breaks the rules of the core on purpose: the test of the test looks at it. */
final class ClockReader {
    private ClockReader() {}

    static long now() {
        return System.currentTimeMillis();
    }
}
