package io.kumki.sim;

import io.kumki.core.consensus.Disk;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * An honest disk: what was written stays, whatever ends the process. Torn and lost writes are the
 * business of the consensus tests.
 */
final class SimDisk implements Disk {
    private final Map<String, byte[]> files = new HashMap<>();

    @Override
    public void write(String name, byte[] content) {
        files.put(name, content.clone());
    }

    @Override
    public void sync(String name) {}

    @Override
    public void rename(String from, String to) {
        files.put(to, files.remove(from));
    }

    @Override
    public void syncFolder() {}

    @Override
    public Optional<byte[]> read(String name) {
        return Optional.ofNullable(files.get(name)).map(byte[]::clone);
    }

    void loseAll() {
        files.clear();
    }
}
