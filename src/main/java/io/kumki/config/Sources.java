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
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Collects the settings: command line over environment over file over default. What is not in the
 * schema is a problem, wherever it stands.
 */
final class Sources {
    /** Variables of ours that are not the agent's settings: the CLI's, the runner's, ./build's. */
    private static final Set<String> OTHERS =
            Set.of(
                    "KUMKI_API",
                    "KUMKI_APT_FRESH",
                    "KUMKI_NO_INSTALL",
                    "KUMKI_CONFIG",
                    "KUMKI_RUN",
                    "KUMKI_PGBIN",
                    "KUMKI_SALVAGE",
                    "KUMKI_INITDB",
                    "KUMKI_NETWORK");

    private final Map<Key, String> values = new EnumMap<>(Key.class);
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
        } else if (values.put(known.get(), line.substring(equals + 1).strip()) != null) {
            problems.add(where + ": `" + key + "` is set twice in this file");
        }
    }

    void environment(Map<String, String> environment) {
        environment.forEach(
                (name, value) -> {
                    if (!name.startsWith("KUMKI_") || isOther(name)) {
                        return;
                    }
                    var key = name.substring("KUMKI_".length()).toLowerCase().replace('_', '-');
                    Key.of(key)
                            .ifPresentOrElse(
                                    k -> values.put(k, value),
                                    () ->
                                            problems.add(
                                                    "environment: unknown variable "
                                                            + name
                                                            + hint(key)));
                });
    }

    private static boolean isOther(String name) {
        return OTHERS.contains(name)
                || name.startsWith("KUMKI_DEMO")
                || name.startsWith("KUMKI_REPLICATION_")
                || name.startsWith("KUMKI_SLOT_")
                || name.startsWith("KUMKI_SOCKET_");
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
                values.put(known.get(), argument.substring(equals + 1));
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
