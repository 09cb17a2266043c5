package io.kumki.adapter.pgbouncer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import io.kumki.core.model.HostPort;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** The file that PgBouncer includes below {@code [databases]}: ours as a whole. */
final class DatabasesFile {
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9_.:-]+");

    private final Path path;
    private final List<String> sessionPooled;

    DatabasesFile(Path path, List<String> sessionPooled) {
        this.path = path;
        this.sessionPooled = List.copyOf(sessionPooled);
    }

    /**
     * Makes every database lead there, durably; an old file's owner and mode stay.
     *
     * @return whether the file had to be written
     * @throws IOException with the path, if it can't be; it is then as it was
     */
    boolean point(HostPort target) throws IOException {
        if (!HOST.matcher(target.host()).matches()) {
            throw new IOException(target + " has a host that PgBouncer's file can't hold");
        }
        var text = text(target);
        try {
            var real = Files.exists(path) ? path.toRealPath() : path.toAbsolutePath();
            if (Files.exists(real) && Files.readString(real).equals(text)) {
                return false;
            }
            replace(real, text);
            return true;
        } catch (IOException e) {
            throw new IOException(path + " can't be written: " + e, e);
        }
    }

    private String text(HostPort target) {
        var where = "host=%s port=%d".formatted(target.host(), target.port());
        var text = new StringBuilder();
        text.append("; Kumki writes this file as a whole, whenever another node leads.\n");
        text.append("* = ").append(where).append('\n');
        for (var name : sessionPooled) {
            text.append(name).append(" = ").append(where).append(" pool_mode=session\n");
        }
        return text.toString();
    }

    private static void replace(Path real, String text) throws IOException {
        var draft = real.resolveSibling("." + real.getFileName() + ".kumki-new");
        Files.deleteIfExists(draft);
        try (var folder = FileChannel.open(real.getParent(), READ)) {
            try (var out = FileChannel.open(draft, Set.of(CREATE_NEW, WRITE))) {
                own(draft, real);
                var rest = ByteBuffer.wrap(text.getBytes(UTF_8));
                while (rest.hasRemaining()) {
                    out.write(rest);
                }
                out.force(true);
            }
            Files.move(draft, real, ATOMIC_MOVE);
            folder.force(true);
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    /** Nothing in it is secret: a new one is readable to all, and so to PgBouncer. */
    private static void own(Path draft, Path like) throws IOException {
        if (!Files.exists(like)) {
            Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rw-r--r--"));
            return;
        }
        var old = Files.readAttributes(like, PosixFileAttributes.class);
        var view = Files.getFileAttributeView(draft, PosixFileAttributeView.class);
        var now = view.readAttributes();
        if (!now.group().equals(old.group())) {
            view.setGroup(old.group());
        }
        if (!now.owner().equals(old.owner())) {
            view.setOwner(old.owner());
        }
        Files.setPosixFilePermissions(draft, old.permissions());
    }
}
