package io.kumki.core.consensus;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Keeps an acceptor's state in one file, {@code acceptor}: a header line with format version,
 * length of the body in bytes and its CRC32C, then the body: promised, accepted, value.
 *
 * <p>A file that is not exactly what was written is reported as damaged, never guessed at.
 */
public final class AcceptorStore {

    static final String FILE = "acceptor";
    static final String DRAFT = "acceptor.new";
    private static final String MAGIC = "kumki-acceptor";
    private static final String VERSION = "1";

    private final Disk disk;

    public AcceptorStore(Disk disk) {
        this.disk = disk;
    }

    /** What was found at the start. */
    public sealed interface Found {}

    /** The state as last saved. */
    public record Loaded(AcceptorState state) implements Found {}

    /** No file: the first start, or the file is lost. */
    public record Absent() implements Found {}

    /** There is a file that must not be believed. */
    public record Damaged(String reason) implements Found {}

    /**
     * Reads the state and makes it durable: a process killed between its rename and the sync of the
     * folder leaves a file that its successor can see, and a power failure can still undo.
     */
    public Found load() {
        try {
            var content = disk.read(FILE);
            if (content.isEmpty()) {
                return new Absent();
            }
            disk.sync(FILE);
            disk.syncFolder();
            return parse(content.get());
        } catch (IOException e) {
            return new Damaged("cannot read " + FILE + ": " + e);
        }
    }

    /**
     * Returns when the state is durable.
     *
     * @throws IOException if it is not; the state saved before stays valid
     */
    public void save(AcceptorState state) throws IOException {
        disk.write(DRAFT, format(state));
        disk.sync(DRAFT);
        disk.rename(DRAFT, FILE);
        disk.syncFolder();
    }

    static byte[] format(AcceptorState state) {
        var body =
                (state.promised() + "\n" + state.accepted() + "\n" + state.value()).getBytes(UTF_8);
        var header = (header(body) + "\n").getBytes(UTF_8);
        var content = Arrays.copyOf(header, header.length + body.length);
        System.arraycopy(body, 0, content, header.length, body.length);
        return content;
    }

    static Found parse(byte[] content) {
        int end = 0;
        while (end < content.length && content[end] != '\n') {
            end++;
        }
        var header = new String(content, 0, end, UTF_8);
        if (!header.startsWith(MAGIC + " ")) {
            return new Damaged(FILE + " does not start with " + MAGIC);
        }
        if (!header.startsWith(MAGIC + " " + VERSION + " ")) {
            return new Damaged(FILE + " has an unknown version: " + header);
        }
        if (end == content.length) {
            return new Damaged(FILE + " ends within its first line");
        }
        var body = Arrays.copyOfRange(content, end + 1, content.length);
        if (!header.equals(header(body))) {
            return new Damaged(
                    "%s says '%s', its content is '%s'".formatted(FILE, header, header(body)));
        }
        return parseBody(new String(body, UTF_8));
    }

    private static Found parseBody(String body) {
        var parts = body.split("\n", 3);
        try {
            return new Loaded(
                    new AcceptorState(Ballot.parse(parts[0]), Ballot.parse(parts[1]), parts[2]));
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            return new Damaged(FILE + " is no acceptor's state: " + e.getMessage());
        }
    }

    private static String header(byte[] body) {
        var checksum = new CRC32C();
        checksum.update(body);
        return "%s %s length=%d crc32c=%08x"
                .formatted(MAGIC, VERSION, body.length, checksum.getValue());
    }
}
