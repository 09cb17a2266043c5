package io.kumki.adapter.odoo;

import io.kumki.adapter.odoo.ConfLine.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reads odoo.conf by the rules of Python's {@code configparser.RawConfigParser()} with its
 * defaults, which is what Odoo uses ({@code tools/config.py: _load_file_options}). Whatever Python
 * refuses is refused here, since Odoo would not start with it.
 */
final class ConfReader {
    static final String DEFAULT = "DEFAULT";

    private final String file;
    final List<ConfLine> lines = new ArrayList<>();

    /** Section to key to value; a value's lines are joined by LF. */
    final Map<String, Map<String, String>> sections = new LinkedHashMap<>();

    private String section = "";
    private String key = "";
    private int indent;

    ConfReader(String file, String text) {
        this.file = file;
        int at = 0;
        while (at < text.length()) {
            int end = endOfLine(text, at);
            int next = end + lengthOfEnd(text, end);
            read(text.substring(at, end), text.substring(end, next));
            at = next;
        }
        sections.values().forEach(it -> it.replaceAll((name, value) -> ConfLine.stripEnd(value)));
    }

    private static int endOfLine(String text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) != '\n' && text.charAt(at) != '\r') {
            at++;
        }
        return at;
    }

    private static int lengthOfEnd(String text, int at) {
        if (at == text.length()) {
            return 0;
        }
        return text.startsWith("\r\n", at) ? 2 : 1;
    }

    private void read(String text, String end) {
        String clean = ConfLine.strip(text);
        if (clean.isEmpty()) {
            extendValue("");
            add(text, end, Kind.BLANK, 0);
        } else if (clean.startsWith("#") || clean.startsWith(";")) {
            add(text, end, Kind.COMMENT, 0);
        } else if (!key.isEmpty() && ConfLine.indentOf(text) > indent) {
            extendValue(clean);
            add(text, end, Kind.CONTINUATION, 0);
        } else {
            indent = ConfLine.indentOf(text);
            readHead(text, end, clean);
        }
    }

    private void readHead(String text, String end, String clean) {
        int close = clean.lastIndexOf(']');
        if (clean.startsWith("[") && close > 1) {
            openSection(clean.substring(1, close));
            add(text, end, Kind.SECTION, 0);
        } else if (section.isEmpty()) {
            throw refuse(
                    text.startsWith("\uFEFF") ? "a byte order mark" : "text before any section",
                    "[options] first",
                    "Remove it: Odoo does not start with it.");
        } else {
            readOption(text, end);
        }
    }

    private void openSection(String name) {
        if (!name.equals(DEFAULT) && sections.containsKey(name)) {
            throw refuse(
                    "section [" + name + "] a second time",
                    "every section once",
                    "Join the two: Odoo does not start with both.");
        }
        sections.computeIfAbsent(name, it -> new LinkedHashMap<>());
        section = name;
        key = "";
    }

    private void readOption(String text, String end) {
        int separator = ConfLine.separatorIn(text);
        String name = separator < 0 ? "" : ConfLine.strip(text.substring(0, separator));
        if (name.isEmpty()) {
            throw refuse(
                    separator < 0 ? "a key without a value" : "a value without a key",
                    "key = value",
                    "Correct the line or comment it out: Odoo does not start with it.");
        }
        key = name.toLowerCase(Locale.ROOT);
        String value = text.substring(separator + 1);
        if (sections.get(section).put(key, ConfLine.strip(value)) != null) {
            throw refuse(
                    "key " + key + " a second time in [" + section + "]",
                    "every key once",
                    "Remove one of the two: Odoo does not start with both.");
        }
        add(text, end, Kind.OPTION, separator + 1 + ConfLine.indentOf(value));
    }

    private void extendValue(String more) {
        if (!key.isEmpty()) {
            sections.get(section).merge(key, "\n" + more, String::concat);
        }
    }

    private void add(String text, String end, Kind kind, int valueAt) {
        String name = kind == Kind.OPTION ? key : "";
        lines.add(new ConfLine(lines.size() + 1, text, end, kind, section, name, valueAt));
    }

    private OdooConfException refuse(String found, String expected, String advice) {
        return new OdooConfException(
                file, "line " + (lines.size() + 1) + " has " + found, expected, advice);
    }
}
