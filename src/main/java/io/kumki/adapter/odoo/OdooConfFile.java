package io.kumki.adapter.odoo;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import io.kumki.core.model.HostPort;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/**
 * The odoo.conf on disk. Odoo may read at any moment: it sees the old file or the new one, never
 * half of one, and nobody else ever sees the password in it.
 */
public final class OdooConfFile {
    private static final int ATTEMPTS = 3;

    private final Path path;

    /**
     * @param path may be a link; the file that it leads to is replaced, the link stays
     */
    public OdooConfFile(Path path) {
        this.path = path;
    }

    public Path path() {
        return path;
    }

    /**
     * What a rewrite did.
     *
     * @param before where the file pointed; empty if it left host or port to libpq
     */
    public record Rewrite(boolean changed, Optional<HostPort> before) {}

    /**
     * What the file says now; empty if it can't be read or understood, which {@link #point}
     * reports.
     */
    Optional<OdooConf> read() {
        try {
            return Optional.of(OdooConf.parse(path.toString(), Files.readAllBytes(path)));
        } catch (IOException | OdooConfException unreadable) {
            return Optional.empty();
        }
    }

    /**
     * Makes the file point there, durably; writes nothing if it does already.
     *
     * @param first run before the file is replaced
     * @throws OdooConfException if it can't be read, understood or replaced; it is then unchanged
     */
    public Rewrite point(Endpoints wanted, Runnable first) {
        try {
            Path target = path.toRealPath();
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                byte[] before = Files.readAllBytes(target);
                OdooConf conf = OdooConf.parse(path.toString(), before);
                byte[] after = conf.rewrite(wanted);
                if (Arrays.equals(before, after)) {
                    return new Rewrite(false, conf.writer());
                }
                first.run();
                if (replace(target, before, after)) {
                    return new Rewrite(true, conf.writer());
                }
            }
            throw refuse(
                    "somebody else wrote it at the same moment, " + ATTEMPTS + " times",
                    "one writer",
                    "Look which other program rewrites it.");
        } catch (NoSuchFileException e) {
            throw refuse("there is no such file", "Odoo's configuration", "Correct the path.");
        } catch (IOException e) {
            throw refuse(
                    "it can't be read or replaced (" + reason(e) + ")",
                    "a file that the agent may read, in a folder that it may write",
                    adviceFor(e));
        }
    }

    /**
     * @return false if the file is no longer what the new text was made from
     */
    private boolean replace(Path target, byte[] before, byte[] after) throws IOException {
        PosixFileAttributes attributes = Files.readAttributes(target, PosixFileAttributes.class);
        requireWritable(target, attributes.permissions());
        Path draft = target.resolveSibling("." + target.getFileName() + ".kumki-new");
        Files.deleteIfExists(draft);
        try (FileChannel folder = FileChannel.open(target.getParent(), READ)) {
            write(draft, attributes, after);
            if (!Arrays.equals(before, Files.readAllBytes(target))) {
                return false;
            }
            Files.move(draft, target, ATOMIC_MOVE);
            folder.force(true);
        } finally {
            Files.deleteIfExists(draft);
        }
        return true;
    }

    /** Owner and mode come before the content, which holds a password. */
    private void write(Path draft, PosixFileAttributes like, byte[] content) throws IOException {
        var ownerOnly =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (FileChannel out = FileChannel.open(draft, Set.of(CREATE_NEW, WRITE), ownerOnly)) {
            own(draft, like);
            Files.setPosixFilePermissions(draft, like.permissions());
            ByteBuffer rest = ByteBuffer.wrap(content);
            while (rest.hasRemaining()) {
                out.write(rest);
            }
            out.force(true);
        }
    }

    private void own(Path draft, PosixFileAttributes like) throws IOException {
        var view = Files.getFileAttributeView(draft, PosixFileAttributeView.class);
        PosixFileAttributes now = view.readAttributes();
        try {
            if (!now.group().equals(like.group())) {
                view.setGroup(like.group());
            }
            if (!now.owner().equals(like.owner())) {
                view.setOwner(like.owner());
            }
        } catch (FileSystemException e) {
            throw refuse(
                    "it belongs to %s:%s, which the agent may not give a file to (%s)"
                            .formatted(like.owner(), like.group(), reason(e)),
                    "a file of the agent's own user and group, or an agent run as root",
                    "Run the agent as user " + like.owner() + ".");
        }
    }

    /** Root may write anything, but a mode without any w is how an admin says "hands off". */
    private void requireWritable(Path target, Set<PosixFilePermission> mode) {
        boolean marked =
                !mode.contains(PosixFilePermission.OWNER_WRITE)
                        && !mode.contains(PosixFilePermission.GROUP_WRITE)
                        && !mode.contains(PosixFilePermission.OTHERS_WRITE);
        if (marked || !Files.isWritable(target)) {
            throw refuse(
                    "it is read-only (mode " + PosixFilePermissions.toString(mode) + ")",
                    "a file that the agent may write",
                    "Make it writable for its owner and run the agent as that user, or remove"
                            + " the read-only mount.");
        }
    }

    private OdooConfException refuse(String found, String expected, String advice) {
        return new OdooConfException(path.toString(), found, expected, advice);
    }

    private static String adviceFor(IOException e) {
        return reason(e).contains("busy") || reason(e).contains("cross-device")
                ? "Mount the folder instead of the single file: a mounted file can't be replaced."
                : "Give the agent's user the right to write the folder, or run it as the owner.";
    }

    private static String reason(IOException e) {
        boolean detailed = e instanceof FileSystemException f && f.getReason() != null;
        if (detailed) {
            return ((FileSystemException) e).getReason();
        }
        return e instanceof AccessDeniedException
                ? "permission denied"
                : e.getClass().getSimpleName();
    }
}
