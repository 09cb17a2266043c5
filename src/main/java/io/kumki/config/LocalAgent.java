package io.kumki.config;

import io.kumki.core.model.HostPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How an agent that was given the same surroundings is asked for its health from this machine: by
 * the port that it has for that, else by its only one. The rest of its settings is not looked at.
 *
 * @param address one that can be connected to
 * @param authority whose certificates it shows; empty if it speaks without TLS
 */
public record LocalAgent(HostPort address, Optional<Path> authority) {
    /**
     * As {@link Sources} has it: environment before file before default.
     *
     * @throws IllegalArgumentException if what is set is no address
     */
    public static LocalAgent in(Map<String, String> environment) {
        var file = lines(environment.getOrDefault("KUMKI_CONFIG", ""));
        var plain = value(Key.LISTEN_HEALTH, environment, file);
        if (plain.isPresent()) {
            return new LocalAgent(reachable(HostPort.parse(plain.get())), Optional.empty());
        }
        var listen = value(Key.LISTEN, environment, file).orElse(Key.LISTEN.standard());
        return new LocalAgent(
                reachable(HostPort.parse(listen)),
                value(Key.TLS_CA, environment, file).map(Path::of));
    }

    private static Optional<String> value(
            Key key, Map<String, String> environment, List<String> file) {
        var direct = environment.getOrDefault(key.variable(), "");
        if (!direct.isEmpty()) {
            return Optional.of(direct);
        }
        for (var line : file) {
            int equals = line.indexOf('=');
            if (equals > 0 && line.substring(0, equals).strip().equals(key.key())) {
                return Optional.of(line.substring(equals + 1).strip());
            }
        }
        return Optional.empty();
    }

    /** None if there is no such file: then the agent did not start with it either. */
    private static List<String> lines(String file) {
        try {
            return file.isEmpty() ? List.of() : Files.readAllLines(Path.of(file));
        } catch (IOException e) {
            return List.of();
        }
    }

    /** Who listens everywhere listens on the loopback too. */
    private static HostPort reachable(HostPort listen) {
        return switch (listen.host()) {
            case "0.0.0.0" -> new HostPort("127.0.0.1", listen.port());
            case "::" -> new HostPort("::1", listen.port());
            default -> listen;
        };
    }
}
