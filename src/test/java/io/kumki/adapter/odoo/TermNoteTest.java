package io.kumki.adapter.odoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kumki.adapter.odoo.TermNote.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TermNoteTest {
    @TempDir Path folder;

    @Test
    void whatWasWrittenIsReadByTheNextLife() throws Exception {
        var note = new TermNote(folder, Path.of("/etc/odoo/a.conf"));
        assertThat(note.read()).isEmpty();
        note.write(new Entry(7, 1, "4711/200/1-2"));
        note.write(new Entry(8, 2, ""));
        assertThat(new TermNote(folder, Path.of("/etc/odoo/x/../a.conf")).read())
                .contains(new Entry(8, 2, ""));
        assertThat(new TermNote(folder, Path.of("/etc/odoo/b.conf")).read()).isEmpty();
        assertThat(folder.toFile().list()).hasSize(1);
    }

    @Test
    void aNoteThatIsNoneCountsAsNone() throws Exception {
        var note = new TermNote(folder, Path.of("odoo.conf"));
        note.write(Entry.settled(3));
        assertThat(note.read()).contains(Entry.settled(3));
        Files.writeString(folder.resolve(folder.toFile().list()[0]), "term=x");
        assertThat(note.read()).isEmpty();
    }

    @Test
    void aNoteThatCannotBeWrittenSaysSo() {
        var note = new TermNote(folder.resolve("none"), Path.of("odoo.conf"));
        assertThatThrownBy(() -> note.write(Entry.settled(3))).isInstanceOf(IOException.class);
    }
}
