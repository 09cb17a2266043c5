package io.kumki.adapter.odoo;

import io.kumki.adapter.odoo.ConfLine.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Changes one key in [options].
 *
 * <p>A key that shall be absent is commented out as {@code "; "} and its line as it was, so that it
 * comes back in the same place with the same bytes. That comment is a convenience: where Odoo's
 * {@code --save} has dropped it, the key is inserted below {@code [options]}.
 */
final class ConfEdit {
    private static final String WITHDRAWN = "; ";

    private final OdooConf conf;
    private final List<ConfLine> lines;
    private final String key;

    ConfEdit(OdooConf conf, String key) {
        this.conf = conf;
        this.lines = new ArrayList<>(conf.lines());
        this.key = key;
    }

    /** The text of the whole file after the change. */
    String to(Optional<String> wanted) {
        if (wanted.isPresent()) {
            set(wanted.get());
        } else {
            unset();
        }
        return lines.stream().map(it -> it.text() + it.end()).collect(Collectors.joining());
    }

    private void set(String value) {
        if (conf.value(key).equals(Optional.of(value))) {
            return;
        }
        OptionalInt own = ownLine();
        OptionalInt withdrawn = withdrawn(value);
        if (own.isPresent()) {
            replace(own.getAsInt(), valued(lines.get(own.getAsInt()).text(), value));
        } else if (withdrawn.isPresent()) {
            String comment = lines.get(withdrawn.getAsInt()).text();
            replace(withdrawn.getAsInt(), valued(comment.substring(WITHDRAWN.length()), value));
        } else {
            insert(value);
        }
    }

    /** A value in [DEFAULT] would show through a missing key, hence {@code False} there. */
    private void unset() {
        if (conf.value(key).filter(it -> !OdooConf.isNotSet(it)).isEmpty()) {
            return;
        }
        OptionalInt own = ownLine();
        boolean showsThrough =
                conf.valueIn(ConfReader.DEFAULT, key)
                        .filter(it -> !OdooConf.isNotSet(it))
                        .isPresent();
        if (showsThrough && own.isEmpty()) {
            insert("False");
        } else if (showsThrough) {
            replace(own.getAsInt(), valued(lines.get(own.getAsInt()).text(), "False"));
        } else {
            replace(own.getAsInt(), WITHDRAWN + lines.get(own.getAsInt()).text());
        }
    }

    private OptionalInt ownLine() {
        return last(it -> it.key().equals(key), at -> true);
    }

    /** With several such comments the one that says the same, so that its bytes come back. */
    private OptionalInt withdrawn(String value) {
        OptionalInt same =
                last(it -> isWithdrawn(it) && withdrawnValue(it).equals(value), this::fits);
        return same.isPresent() ? same : last(this::isWithdrawn, this::fits);
    }

    private OptionalInt last(Predicate<ConfLine> wanted, Predicate<Integer> place) {
        return IntStream.range(0, lines.size())
                .filter(at -> lines.get(at).section().equals(OdooConf.SECTION))
                .filter(at -> wanted.test(lines.get(at)) && place.test(at))
                .reduce((first, second) -> second);
    }

    /** Puts a text in place of a line and takes away the lines that continued its value. */
    private void replace(int at, String text) {
        ConfLine old = lines.get(at);
        lines.set(at, renewed(old, text, old.end()));
        int next = at + 1;
        while (old.kind() == Kind.OPTION && next < lines.size() && !startsEntry(lines.get(next))) {
            if (lines.get(next).kind() == Kind.CONTINUATION) {
                lines.remove(next);
            } else {
                next++;
            }
        }
    }

    private static boolean startsEntry(ConfLine line) {
        return line.kind() == Kind.OPTION || line.kind() == Kind.SECTION;
    }

    /** Keeps name, separator and blanks as they were written. */
    private static String valued(String text, String value) {
        int separator = ConfLine.separatorIn(text);
        String rest = text.substring(separator + 1);
        String blanks = rest.substring(0, ConfLine.indentOf(rest));
        return text.substring(0, separator + 1) + (blanks.isEmpty() ? " " : blanks) + value;
    }

    /** Below a comment that names the key, else below the section's line. */
    private void insert(String value) {
        OptionalInt mention = last(this::isMention, at -> !continues(at));
        int anchor =
                mention.isPresent()
                        ? mention.getAsInt()
                        : last(it -> it.kind() == Kind.SECTION, at -> true).getAsInt();
        ConfLine above = lines.get(anchor);
        String text = indentBelow(anchor) + key + " = " + value;
        if (above.end().isEmpty()) {
            lines.set(anchor, renewed(above, above.text(), usualEnd()));
        }
        lines.add(anchor + 1, renewed(above, text, above.end()));
    }

    /** An entry further left than the next one would swallow it as a continuation of its value. */
    private String indentBelow(int anchor) {
        return nextSignificant(anchor).map(it -> it.text().substring(0, it.indent())).orElse("");
    }

    private boolean isMention(ConfLine line) {
        if (line.kind() != Kind.COMMENT) {
            return false;
        }
        String said = ConfLine.uncommented(line.text()).toLowerCase(Locale.ROOT);
        if (!said.startsWith(key)) {
            return false;
        }
        String rest = ConfLine.strip(said.substring(key.length()));
        return rest.isEmpty() || ConfLine.separatorIn(rest) == 0;
    }

    /** Prose that happens to name the key stays; only a plain value is taken for our own work. */
    private boolean isWithdrawn(ConfLine line) {
        if (!isMention(line) || !line.text().startsWith(WITHDRAWN)) {
            return false;
        }
        String entry = line.text().substring(WITHDRAWN.length());
        int separator = ConfLine.separatorIn(entry);
        if (separator < 0 || !ConfLine.strip(entry.substring(0, separator)).equalsIgnoreCase(key)) {
            return false;
        }
        String value = withdrawnValue(line);
        return value.isEmpty() || Endpoints.isHost(value) || OdooConf.isNotSet(value);
    }

    private static String withdrawnValue(ConfLine line) {
        return ConfLine.strip(line.text().substring(ConfLine.separatorIn(line.text()) + 1));
    }

    /** May the comment at this place become an entry without touching its neighbours? */
    private boolean fits(int at) {
        int indent = ConfLine.indentOf(lines.get(at).text().substring(WITHDRAWN.length()));
        ConfLine above = lastEntryAbove(at);
        boolean own = above.kind() == Kind.SECTION || indent <= above.indent();
        boolean swallows = nextSignificant(at).filter(it -> it.indent() > indent).isPresent();
        return own && !swallows && !continues(at);
    }

    private boolean continues(int at) {
        return nextSignificant(at).filter(it -> it.kind() == Kind.CONTINUATION).isPresent();
    }

    private Optional<ConfLine> nextSignificant(int at) {
        return lines.stream().skip(at + 1L).filter(ConfLine::isSignificant).findFirst();
    }

    private ConfLine lastEntryAbove(int at) {
        return lines.stream()
                .limit(at)
                .filter(ConfEdit::startsEntry)
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    private String usualEnd() {
        return lines.stream()
                .map(ConfLine::end)
                .filter(it -> !it.isEmpty())
                .findFirst()
                .orElse("\n");
    }

    private static ConfLine renewed(ConfLine like, String text, String end) {
        return new ConfLine(like.number(), text, end, like.kind(), like.section(), "", 0);
    }
}
