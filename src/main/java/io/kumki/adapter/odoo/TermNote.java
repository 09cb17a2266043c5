package io.kumki.adapter.odoo;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one Odoo has been told because of a new term, kept over the agent's own restarts. An
 * intention is written before the deed, so the agent that follows neither forgets it nor repeats it
 * more than once.
 */
public final class TermNote {
    private static final Pattern TEXT =
            Pattern.compile("term=(\\d{1,18}) told=(\\d) odoo=(\\S*)\nconf=[^\0]*\n");

    /**
     * @param told how often Odoo is being told of this term; 0: nothing is left to do for it
     * @param odoo {@link OdooProcess#identity} just before it was told
     */
    record Entry(long term, int told, String odoo) {
        static Entry settled(long term) {
            return new Entry(term, 0, "");
        }
    }

    private final Path file;
    private final Path conf;

    /**
     * @param folder the agent's own, durable; must exist
     * @param conf names the Odoo
     */
    public TermNote(Path folder, Path conf) {
        this.conf = conf.toAbsolutePath().normalize();
        var name = UUID.nameUUIDFromBytes(this.conf.toString().getBytes(StandardCharsets.UTF_8));
        this.file = folder.resolve("odoo-" + name + ".note");
    }

    /** Empty if there is none, or none that could be read: as on the agent's first start. */
    Optional<Entry> read() {
        try {
            Matcher text = TEXT.matcher(Files.readString(file));
            return text.matches()
                    ? Optional.of(
                            new Entry(
                                    Long.parseLong(text.group(1)),
                                    Integer.parseInt(text.group(2)),
                                    text.group(3)))
                    : Optional.empty();
        } catch (IOException none) {
            return Optional.empty();
        }
    }

    /** Durable when it returns. */
    void write(Entry entry) throws IOException {
        Path draft = file.resolveSibling(file.getFileName() + ".new");
        String text =
                "term=%d told=%d odoo=%s\nconf=%s\n"
                        .formatted(entry.term(), entry.told(), entry.odoo(), conf);
        try (var out = FileChannel.open(draft, CREATE, TRUNCATE_EXISTING, WRITE)) {
            ByteBuffer rest = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (rest.hasRemaining()) {
                out.write(rest);
            }
            out.force(true);
        }
        Files.move(draft, file, ATOMIC_MOVE);
        try (var folder = FileChannel.open(file.toAbsolutePath().getParent(), READ)) {
            folder.force(true);
        }
    }
}
