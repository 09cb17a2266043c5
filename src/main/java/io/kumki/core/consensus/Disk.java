package io.kumki.core.consensus;

import java.io.IOException;
import java.util.Optional;

/** The few file operations that durability is made of, all within one folder. */
public interface Disk {

    /** Creates or overwrites a file; not durable before {@link #sync}. */
    void write(String name, byte[] content) throws IOException;

    /** Returns when the file's content is durable. */
    void sync(String name) throws IOException;

    /** Replaces {@code to} atomically; not durable before {@link #syncFolder}. */
    void rename(String from, String to) throws IOException;

    /** Returns when all renames are durable. */
    void syncFolder() throws IOException;

    /** The whole file; empty if there is none. */
    Optional<byte[]> read(String name) throws IOException;
}
