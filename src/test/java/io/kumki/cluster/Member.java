package io.kumki.cluster;

import io.kumki.core.model.HostPort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** One node with a server, as seen from outside. */
record Member(String name, HostPort server, HostPort api, Path data, Path run) {

    /** The runner's state file; docs/RUNNER.md. Empty while there is none. */
    Map<String, String> state() {
        var state = new HashMap<String, String>();
        var file = run.resolve("state");
        try {
            for (var line : Files.readAllLines(file)) {
                int equals = line.indexOf('=');
                state.put(line.substring(0, equals), line.substring(equals + 1));
            }
        } catch (IOException e) {
            return Map.of();
        }
        return state;
    }

    /** A directory beside the data directory, named after it. */
    Path beside(String suffix) {
        return data.resolveSibling(data.getFileName() + suffix);
    }

    /** What the runner and the agent of this node wrote. */
    String log(String program) {
        try {
            return Files.readString(data.resolveSibling(program + ".log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
