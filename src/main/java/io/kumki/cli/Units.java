package io.kumki.cli;

import java.util.Locale;

/** Numbers as people read them. */
final class Units {
    private static final String[] NAMES = {"B", "kB", "MB", "GB", "TB"};

    private Units() {}

    /**
     * @param bytes below 0: not known, shown as "-"
     */
    static String bytes(long bytes) {
        if (bytes < 0) {
            return "-";
        }
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < NAMES.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0
                ? bytes + " B"
                : String.format(
                        Locale.ROOT, value < 10 ? "%.1f %s" : "%.0f %s", value, NAMES[unit]);
    }

    static String seconds(long millis) {
        return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
    }
}
