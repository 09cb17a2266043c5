package io.kumki.api;

import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * How far a replica may trail: in bytes of WAL or in time, as {@code ?lag=} says it.
 *
 * @param bytes most bytes behind the leader
 * @param millis longest time since the last replayed commit was made on the leader
 */
public record LagLimit(OptionalLong bytes, OptionalLong millis) {
    public static final LagLimit NONE = new LagLimit(OptionalLong.empty(), OptionalLong.empty());

    private static final Pattern FORM =
            Pattern.compile("([0-9]{1,12})\\s*(|b|kb|mb|gb|tb|ms|s|min)");

    public static LagLimit ofBytes(long bytes) {
        return new LagLimit(OptionalLong.of(bytes), OptionalLong.empty());
    }

    private static LagLimit ofMillis(long millis) {
        return new LagLimit(OptionalLong.empty(), OptionalLong.of(millis));
    }

    /**
     * Reads e.g. {@code 1048576}, {@code 16MB} or {@code 5s}; units of bytes are PostgreSQL's, 1024
     * of one to the next.
     *
     * @throws IllegalArgumentException if it is neither a size nor a time
     */
    public static LagLimit parse(String text) {
        var match = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!match.matches()) {
            throw new IllegalArgumentException(
                    "lag must be a number of bytes, with kB, MB, GB or TB, or a time in ms, s or"
                            + " min (16MB, 5s), got \""
                            + text
                            + "\"");
        }
        long number = Long.parseLong(match.group(1));
        return switch (match.group(2)) {
            case "kb" -> ofBytes(times(number, 1L << 10));
            case "mb" -> ofBytes(times(number, 1L << 20));
            case "gb" -> ofBytes(times(number, 1L << 30));
            case "tb" -> ofBytes(times(number, 1L << 40));
            case "ms" -> ofMillis(number);
            case "s" -> ofMillis(number * 1000);
            case "min" -> ofMillis(number * 60_000);
            default -> ofBytes(number);
        };
    }

    private static long times(long number, long unit) {
        return number > Long.MAX_VALUE / unit ? Long.MAX_VALUE : number * unit;
    }

    boolean given() {
        return bytes.isPresent() || millis.isPresent();
    }
}
