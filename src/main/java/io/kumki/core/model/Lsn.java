package io.kumki.core.model;

import java.util.regex.Pattern;

/**
 * A position in the write-ahead log (PostgreSQL docs, 8.20 "pg_lsn Type").
 *
 * @param bytes offset in bytes, unsigned: never compare with {@code <}
 */
public record Lsn(long bytes) implements Comparable<Lsn> {
    /** Before any WAL: what an unknown position counts as. */
    public static final Lsn ZERO = new Lsn(0);

    private static final Pattern TEXT = Pattern.compile("([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})");

    /**
     * Reads PostgreSQL's text form.
     *
     * @throws IllegalArgumentException if it does not look like {@code 16/B374D848}
     */
    public static Lsn parse(String text) {
        var match = TEXT.matcher(text);
        if (!match.matches()) {
            throw new IllegalArgumentException(
                    "LSN must look like 16/B374D848, got \"" + text + "\"");
        }
        return new Lsn(
                Long.parseLong(match.group(1), 16) << 32 | Long.parseLong(match.group(2), 16));
    }

    /** How many bytes this position lies behind the other; 0 if it does not. */
    public long bytesBehind(Lsn other) {
        return isBefore(other) ? other.bytes - bytes : 0;
    }

    public boolean isBefore(Lsn other) {
        return compareTo(other) < 0;
    }

    public Lsn max(Lsn other) {
        return isBefore(other) ? other : this;
    }

    @Override
    public int compareTo(Lsn other) {
        return Long.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public String toString() {
        return "%X/%08X".formatted(bytes >>> 32, bytes & 0xFFFFFFFFL);
    }
}
