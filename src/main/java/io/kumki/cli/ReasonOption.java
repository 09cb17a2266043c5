package io.kumki.cli;

import io.kumki.wire.Json;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Option;

/** Why something is asked for: for the agents' log, and for the receipt of a switchover. */
final class ReasonOption {
    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            description = "Why, in one line: for the agents' log and the receipt.")
    private String reason = "";

    /** Empty if nothing is to be said. */
    String body() {
        return reason.isBlank() ? "" : body(Map.of());
    }

    String body(Map<String, Object> wish) {
        var said = new TreeMap<>(wish);
        if (!reason.isBlank()) {
            said.put("reason", reason);
        }
        return Json.write(said);
    }
}
