package io.kumki.api;

import io.kumki.core.model.Agreed;
import io.kumki.core.model.Mode;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What an operator wants to change of what is agreed on; the texts are those of a configuration.
 *
 * @param ttl milliseconds
 */
record ConfigWish(Optional<Long> ttl, Optional<Mode> mode) {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})\\s*(ms|s|m)");

    /**
     * @param order such as {@code {"ttl":"5s","mode":"sync"}}
     * @throws IllegalArgumentException with what is wrong with it
     */
    static ConfigWish of(Order order) {
        var ttl = order.text("ttl", "a duration such as 5s");
        var mode = order.text("mode", "async or sync");
        if (ttl.isEmpty() && mode.isEmpty()) {
            throw new IllegalArgumentException(
                    "expected ttl, mode or both, like {\"ttl\":\"5s\"}, got neither. Nothing was done");
        }
        return new ConfigWish(ttl.map(ConfigWish::millis), mode.map(ConfigWish::mode));
    }

    /** For the log. */
    String words() {
        return ttl.map(t -> " ttl=" + Agreed.duration(t)).orElse("")
                + mode.map(m -> " mode=" + m.word()).orElse("");
    }

    private static long millis(String text) {
        var match = DURATION.matcher(text.strip());
        if (match.matches()) {
            long number = Long.parseLong(match.group(1));
            long millis =
                    switch (match.group(2)) {
                        case "ms" -> number;
                        case "s" -> number * 1_000;
                        default -> number * 60_000;
                    };
            if (millis >= Agreed.SHORTEST_TTL && millis <= Agreed.LONGEST_TTL) {
                return millis;
            }
        }
        throw new IllegalArgumentException(
                "`ttl` is \"%s\"; expected a duration from %s to %s, such as 5s. Nothing was done"
                        .formatted(
                                Order.printable(text),
                                Agreed.duration(Agreed.SHORTEST_TTL),
                                Agreed.duration(Agreed.LONGEST_TTL)));
    }

    private static Mode mode(String text) {
        return Arrays.stream(Mode.values())
                .filter(m -> m.word().equals(text.strip().toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "`mode` is \"%s\"; expected async or sync. Nothing was done"
                                                .formatted(Order.printable(text))));
    }
}
