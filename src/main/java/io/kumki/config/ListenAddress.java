package io.kumki.config;

import io.kumki.core.model.HostPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Where an agent that was given the same surroundings listens; the rest is not looked at. */
public final class ListenAddress {
    private ListenAddress() {}

    /**
     * As {@link Sources} has it: environment before file before default.
     *
     * @return an address of this machine that can be connected to
     * @throws IllegalArgumentException if what is set is no address
     */
    public static HostPort local(Map<String, String> environment) {
        var direct = environment.getOrDefault(Key.LISTEN.variable(), "");
        var file = environment.getOrDefault("KUMKI_CONFIG", "");
        var text = direct.isEmpty() && !file.isEmpty() ? inFile(Path.of(file)) : direct;
        return reachable(HostPort.parse(text.isEmpty() ? Key.LISTEN.standard() : text));
    }

    /** Empty if it is not set there, or cannot be read. */
    private static String inFile(Path file) {
        try {
            for (var line : Files.readAllLines(file)) {
                int equals = line.indexOf('=');
                if (equals > 0 && line.substring(0, equals).strip().equals(Key.LISTEN.key())) {
                    return line.substring(equals + 1).strip();
                }
            }
            return "";
        } catch (IOException e) {
            return "";
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
