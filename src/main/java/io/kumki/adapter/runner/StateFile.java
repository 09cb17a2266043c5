package io.kumki.adapter.runner;

import io.kumki.agent.port.ServerControl.Given;
import io.kumki.agent.port.ServerControl.State;
import io.kumki.core.model.LocalServer.Remains;
import io.kumki.core.model.Lsn;
import io.kumki.core.model.Position;
import io.kumki.core.model.Runner;
import io.kumki.core.model.Runner.Result;
import io.kumki.core.model.Runner.Work;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Reads what the runner writes. What is absent or unreadable counts as not said. */
final class StateFile {
    static final Remains NO_REMAINS = new Remains("", 0, Lsn.ZERO, "");

    private StateFile() {}

    /** Key to value; empty if there is no such file. */
    static Map<String, String> read(Path file) {
        var values = new HashMap<String, String>();
        try {
            for (var line : Files.readAllLines(file)) {
                int equals = line.indexOf('=');
                if (equals > 0) {
                    values.put(line.substring(0, equals), line.substring(equals + 1));
                }
            }
        } catch (IOException e) {
            return Map.of();
        }
        return values;
    }

    static State parse(Map<String, String> said, Given given, String kind, long now) {
        var work =
                new Work(
                        Optional.of(text(said, "job")).filter(j -> !j.isEmpty()),
                        number(said, "job_bytes", 0),
                        number(said, "job_total", 0),
                        text(said, "salvage"),
                        number(said, "salvage_bytes", 0),
                        text(said, "kept"),
                        number(said, "kept_bytes", 0));
        var host = text(said, "source_host");
        var runner =
                new Runner(
                        kind,
                        number(said, "ack", 0),
                        awaited(said, given) ? Result.RUNNING : result(said),
                        text(said, "error"),
                        number(said, "armed", 0),
                        Math.max(0, now - millis(said, "beat")),
                        history(text(said, "history")),
                        work,
                        host.isEmpty() ? "" : host + ":" + text(said, "source_port"),
                        number(said, "disk_free", -1),
                        text(said, "incident"));
        return new State(
                text(said, "server"), runner, remains(said), given, needs(text(said, "needs")));
    }

    /** NAME:NUMBER with commas. */
    private static Map<String, Integer> needs(String text) {
        return Arrays.stream(text.split(","))
                .map(entry -> entry.split(":"))
                .filter(parts -> parts.length == 2 && parts[1].matches("\\d{1,9}"))
                .collect(Collectors.toMap(p -> p[0], p -> Integer.parseInt(p[1]), Math::max));
    }

    /** Given, and not looked at yet. */
    private static boolean awaited(Map<String, String> said, Given given) {
        return !given.key().isEmpty() && number(said, "ack", 0) < given.id();
    }

    private static Remains remains(Map<String, String> said) {
        return new Remains(
                text(said, "system_id"),
                (int) number(said, "timeline", 0),
                lsn(text(said, "checkpoint")),
                text(said, "control"));
    }

    private static Result result(Map<String, String> said) {
        var word = text(said, "result").toUpperCase(Locale.ROOT);
        return Arrays.stream(Result.values())
                .filter(r -> r.name().equals(word))
                .findFirst()
                .orElse(Result.NONE);
    }

    private static List<Position> history(String text) {
        return Arrays.stream(text.split(","))
                .map(entry -> entry.split(":"))
                .filter(parts -> parts.length == 2)
                .map(parts -> new Position(Integer.parseInt(parts[0]), Lsn.parse(parts[1])))
                .toList();
    }

    private static Lsn lsn(String text) {
        return text.isEmpty() ? Lsn.ZERO : Lsn.parse(text);
    }

    private static String text(Map<String, String> said, String key) {
        return said.getOrDefault(key, "");
    }

    private static long number(Map<String, String> said, String key, long absent) {
        var text = text(said, key);
        return text.matches("-?\\d{1,18}") ? Long.parseLong(text) : absent;
    }

    private static long millis(Map<String, String> said, String key) {
        var text = text(said, key);
        return text.matches("\\d+(\\.\\d+)?") ? Math.round(Double.parseDouble(text) * 1000) : 0;
    }
}
