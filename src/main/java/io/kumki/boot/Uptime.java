package io.kumki.boot;

import io.kumki.agent.port.Clock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The clock that the runner reads too. Its steps are 10 ms. */
final class Uptime implements Clock {
    private static final Path FILE = Path.of("/proc/uptime");

    @Override
    public long uptime() {
        try {
            var text = Files.readString(FILE);
            int dot = text.indexOf('.');
            return Long.parseLong(text, 0, dot, 10) * 1000
                    + Long.parseLong(text, dot + 1, text.indexOf(' '), 10) * 10;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + FILE, e);
        }
    }
}
