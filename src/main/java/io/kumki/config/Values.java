package io.kumki.config;

import io.kumki.core.model.HostPort;
import io.kumki.core.model.NodeId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads single values; what is wrong goes to the list, and a harmless value goes on. */
final class Values {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})\\s*(ms|s|m|h)");
    private static final Pattern BYTES = Pattern.compile("(\\d{1,9})\\s*(B|kB|MB|GB|TB)?");
    private static final Map<String, Long> UNITS =
            Map.of("B", 1L, "kB", 1L << 10, "MB", 1L << 20, "GB", 1L << 30, "TB", 1L << 40);

    private final Sources sources;
    private final List<String> problems;

    Values(Sources sources, List<String> problems) {
        this.sources = sources;
        this.problems = problems;
    }

    String text(Key key) {
        return sources.explicit(key).orElse(key.standard());
    }

    boolean flag(Key key) {
        var text = text(key);
        if (!text.equals("true") && !text.equals("false")) {
            bad(key, "true or false");
        }
        return text.equals("true");
    }

    <T> T parsed(Key key, String expected, Function<String, T> parse, T instead) {
        var text = text(key);
        if (text.isEmpty()) {
            return instead;
        }
        try {
            return parse.apply(text);
        } catch (IllegalArgumentException e) {
            problems.add("`%s`: %s".formatted(key.key(), e.getMessage()));
            return instead;
        }
    }

    <E extends Enum<E>> E choice(Key key, Class<E> type, E instead) {
        var word = text(key).toUpperCase(Locale.ROOT).replace('-', '_');
        var values = List.of(type.getEnumConstants());
        return values.stream()
                .filter(v -> v.name().equals(word))
                .findFirst()
                .orElseGet(
                        () -> {
                            bad(
                                    key,
                                    values.stream()
                                            .map(
                                                    v ->
                                                            v.name()
                                                                    .toLowerCase(Locale.ROOT)
                                                                    .replace('_', '-'))
                                            .collect(Collectors.joining(" or ")));
                            return instead;
                        });
    }

    int number(Key key, int least, int most) {
        var text = text(key);
        if (text.matches("\\d{1,9}")) {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        }
        bad(key, "a number from " + least + " to " + most);
        return least;
    }

    /** Empty if it is no duration. */
    static Optional<Duration> duration(String text) {
        var match = DURATION.matcher(text);
        if (!match.matches()) {
            return Optional.empty();
        }
        long number = Long.parseLong(match.group(1));
        return Optional.of(
                switch (match.group(2)) {
                    case "ms" -> Duration.ofMillis(number);
                    case "s" -> Duration.ofSeconds(number);
                    case "m" -> Duration.ofMinutes(number);
                    default -> Duration.ofHours(number);
                });
    }

    Duration duration(Key key, Duration least, Duration most) {
        var within =
                duration(text(key)).filter(d -> d.compareTo(least) >= 0 && d.compareTo(most) <= 0);
        if (within.isPresent()) {
            return within.get();
        }
        bad(
                key,
                "a duration from %s to %s, such as 500ms, 3s, 2m"
                        .formatted(readable(least), readable(most)));
        return least;
    }

    private static String readable(Duration duration) {
        return duration.toMillis() % 1000 == 0
                ? duration.toSeconds() + "s"
                : duration.toMillis() + "ms";
    }

    long bytes(Key key) {
        var match = BYTES.matcher(text(key));
        if (match.matches()) {
            var unit = match.group(2) == null ? "B" : match.group(2);
            return Long.parseLong(match.group(1)) * UNITS.get(unit);
        }
        bad(key, "a size such as 512kB, 16MB, 2GB");
        return 0;
    }

    /** {@code name=host:port} with commas. */
    TreeMap<NodeId, HostPort> map(Key key) {
        var map = new TreeMap<NodeId, HostPort>();
        Arrays.stream(text(key).split(","))
                .map(String::strip)
                .filter(entry -> !entry.isEmpty())
                .forEach(entry -> put(key, map, entry));
        return map;
    }

    private void put(Key key, Map<NodeId, HostPort> map, String entry) {
        int equals = entry.indexOf('=');
        if (equals < 0) {
            problems.add("`%s`: expected NODE=HOST:PORT, found \"%s\"".formatted(key.key(), entry));
            return;
        }
        try {
            var node = new NodeId(entry.substring(0, equals).strip());
            var address = HostPort.parse(entry.substring(equals + 1).strip());
            if (map.putIfAbsent(node, address) != null) {
                problems.add("`%s` names the node %s twice".formatted(key.key(), node));
            }
        } catch (IllegalArgumentException e) {
            problems.add("`%s`: %s".formatted(key.key(), e.getMessage()));
        }
    }

    /** A folder that exists and can be written. */
    Path folder(Key key) {
        var text = text(key);
        if (text.isEmpty()) {
            problems.add("`" + key.key() + "` is missing: " + key.meaning());
            return Path.of(".");
        }
        var path = Path.of(text);
        if (!Files.isDirectory(path) || !Files.isWritable(path)) {
            problems.add(
                    "`%s`: %s is not a folder that this user can write; make it first"
                            .formatted(key.key(), path));
        }
        return path;
    }

    private void bad(Key key, String expected) {
        problems.add("`%s` is \"%s\"; expected %s".formatted(key.key(), text(key), expected));
    }
}
