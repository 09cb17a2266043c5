package io.kumki.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Collects the settings: command line over environment over file over default. What is not in the
 * schema is a problem, wherever it stands.
 */
final class Sources {
    private static final Pattern KEY_FIRST = Pattern.compile("`([a-z-]+)`.*", Pattern.DOTALL);

    private final Map<Key, String> values = new EnumMap<>(Key.class);
    private final Map<Key, String> places = new EnumMap<>(Key.class);
    private final List<String> problems = new ArrayList<>();

    /** Whatever is set explicitly. */
    Map<Key, String> values() {
        return values;
    }

    List<String> problems() {
        return problems;
    }

    void file(Path file) {
        try {
            int number = 0;
            for (var line : Files.readAllLines(file)) {
                number++;
                line(file + ":" + number, line.strip());
            }
        } catch (IOException e) {
            problems.add("cannot read the configuration file " + file + ": " + e.getMessage());
        }
    }

    private void line(String where, String line) {
        if (line.isEmpty() || line.startsWith("#")) {
            return;
        }
        int equals = line.indexOf('=');
        if (equals < 0) {
            problems.add(where + ": expected `key = value`, found \"" + line + "\"");
            return;
        }
        var key = line.substring(0, equals).strip();
        var known = Key.of(key);
        if (known.isEmpty()) {
            problems.add(where + ": unknown key \"" + key + "\"" + hint(key));
        } else if (set(known.get(), line.substring(equals + 1).strip(), where)) {
            problems.add(where + ": `" + key + "` is set twice in this file");
        }
    }

    /** Whether it was set before. */
    private boolean set(Key key, String value, String where) {
        places.put(key, where);
        return values.put(key, value) != null;
    }

    /** Where the value in force was set: a line of a file, a variable, an argument. */
    Optional<String> place(Key key) {
        return explicit(key).map(value -> places.get(key));
    }

    /** For a sentence that names several keys. */
    String named(Key key) {
        return "`%s` (%s)".formatted(key.key(), place(key).orElse("its default"));
    }

    /** A problem that begins with a key says where that key was set. */
    String located(String problem) {
        var first = KEY_FIRST.matcher(problem);
        return first.matches()
                ? Key.of(first.group(1))
                        .flatMap(this::place)
                        .map(where -> where + ": " + problem)
                        .orElse(problem)
                : problem;
    }

    void environment(Map<String, String> environment) {
        environment.forEach(
                (name, value) -> {
                    if (!name.startsWith("KUMKI_") || OtherVariables.has(name, value)) {
                        return;
                    }
                    var key = name.substring("KUMKI_".length()).toLowerCase().replace('_', '-');
                    Key.of(key)
                            .ifPresentOrElse(
                                    k -> set(k, value, "environment, " + name),
                                    () ->
                                            problems.add(
                                                    "environment: unknown variable "
                                                            + name
                                                            + hint(key)));
                });
    }

    void arguments(List<String> arguments) {
        for (var argument : arguments) {
            int equals = argument.indexOf('=');
            if (!argument.startsWith("--") || equals < 0) {
                problems.add("command line: expected --KEY=VALUE, found \"" + argument + "\"");
                continue;
            }
            var key = argument.substring(2, equals);
            var known = Key.of(key);
            if (known.isEmpty()) {
                problems.add("command line: unknown key \"" + key + "\"" + hint(key));
            } else if (known.get().secret()) {
                problems.add(
                        "command line: `"
                                + key
                                + "` would be readable by every user of this machine; set "
                                + known.get().variable()
                                + " or use a file");
            } else {
                set(known.get(), argument.substring(equals + 1), "command line, --" + key);
            }
        }
    }

    /** The key that was probably meant. */
    private static String hint(String key) {
        return Stream.of(Key.values())
                .min(Comparator.comparingInt(k -> distance(k.key(), key)))
                .filter(k -> distance(k.key(), key) <= 3)
                .map(k -> "; did you mean `" + k.key() + "`?")
                .orElse(
                        "; known keys: "
                                + Stream.of(Key.values())
                                        .map(Key::key)
                                        .collect(Collectors.joining(", ")));
    }

    /** Levenshtein's. */
    private static int distance(String one, String other) {
        var row = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int changed = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[other.length()];
    }

    Optional<String> explicit(Key key) {
        return Optional.ofNullable(values.get(key)).filter(v -> !v.isEmpty());
    }
}
