package io.kumki.core.consensus;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;

/**
 * A disk with a page cache. What was not synced may survive a power failure, vanish, or be torn or
 * zeroed; renames survive in order, up to some point. A killed process loses nothing here.
 */
final class SimulatedDisk implements Disk {

    /** The process ends here, in the middle of a disk operation. */
    static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static final int NEVER = Integer.MAX_VALUE;

    private static final class Content {
        private byte[] durable = {};
        private byte[] cached = {};
    }

    private Map<String, Content> durableFolder = new HashMap<>();
    private Map<String, Content> folder = new HashMap<>();
    private List<Map<String, Content>> unsyncedFolders = new ArrayList<>();
    private boolean lying;
    private boolean full;
    private int operationsLeft = NEVER;

    /** Says that it synced, and did not. */
    SimulatedDisk lying() {
        lying = true;
        return this;
    }

    void full(boolean now) {
        full = now;
    }

    /** Dies before the operation after this many more. */
    void killAfter(int more) {
        operationsLeft = more;
    }

    void neverKill() {
        operationsLeft = NEVER;
    }

    @Override
    public void write(String name, byte[] content) throws IOException {
        operate();
        if (full) {
            throw new IOException("no space left on device");
        }
        if (!folder.containsKey(name)) {
            folder.put(name, new Content());
            noteFolder();
        }
        folder.get(name).cached = content.clone();
    }

    @Override
    public void sync(String name) throws IOException {
        operate();
        if (!lying) {
            var content = folder.get(name);
            content.durable = content.cached;
        }
    }

    @Override
    public void rename(String from, String to) throws IOException {
        operate();
        folder.put(to, folder.remove(from));
        noteFolder();
    }

    @Override
    public void syncFolder() throws IOException {
        operate();
        if (!lying) {
            durableFolder = new HashMap<>(folder);
            unsyncedFolders.clear();
        }
    }

    @Override
    public Optional<byte[]> read(String name) throws IOException {
        operate();
        return Optional.ofNullable(folder.get(name)).map(content -> content.cached.clone());
    }

    /** The whole machine goes down: only what was synced is sure to be there afterwards. */
    void losePower(RandomGenerator random) {
        int survives = random.nextInt(unsyncedFolders.size() + 1);
        folder = new HashMap<>(survives == 0 ? durableFolder : unsyncedFolders.get(survives - 1));
        durableFolder = new HashMap<>(folder);
        unsyncedFolders.clear();
        for (var content : folder.values()) {
            if (!Arrays.equals(content.durable, content.cached)) {
                content.cached = afterPowerLoss(content, random);
                content.durable = content.cached;
            }
        }
    }

    /** The file is gone for good. */
    void lose(String name) {
        folder.remove(name);
        durableFolder = new HashMap<>(folder);
        unsyncedFolders.clear();
    }

    /** Something changed the bytes of a durable file. */
    void change(String name, UnaryOperator<byte[]> how) {
        var content = folder.get(name);
        content.cached = how.apply(content.cached.clone());
        content.durable = content.cached;
    }

    boolean has(String name) {
        return folder.containsKey(name);
    }

    private static byte[] afterPowerLoss(Content content, RandomGenerator random) {
        return switch (random.nextInt(6)) {
            case 0 -> content.durable;
            case 1, 2, 3 -> content.cached;
            case 4 -> Arrays.copyOf(content.cached, random.nextInt(content.cached.length + 1));
            default -> new byte[content.cached.length];
        };
    }

    private void noteFolder() {
        unsyncedFolders.add(new HashMap<>(folder));
        if (unsyncedFolders.size() > 12) {
            // The kernel writes back by itself after a while.
            durableFolder = unsyncedFolders.remove(0);
            durableFolder.values().forEach(content -> content.durable = content.cached);
        }
    }

    private void operate() {
        if (operationsLeft != NEVER && operationsLeft-- <= 0) {
            operationsLeft = NEVER;
            throw new Killed();
        }
    }
}
