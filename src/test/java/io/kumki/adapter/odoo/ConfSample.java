package io.kumki.adapter.odoo;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A random odoo.conf with everything that people, editors and Odoo itself leave in one.
 *
 * @param lines with their ends, so that a part of them is a smaller file of the same kind
 * @param charset what it is stored in
 */
record ConfSample(List<String> lines, Charset charset) {
    private static final List<String> KEYS =
            List.of(
                    "db_host",
                    "db_port",
                    "db_replica_host",
                    "db_replica_port",
                    "DB_Host",
                    "DB_PORT",
                    "Db_Replica_Host",
                    "Db_Replica_Port",
                    "db_name",
                    "workers",
                    "admin_passwd",
                    "db_hosts",
                    "db_replica_ho\u017ft",
                    "DB_REPL\u0130CA_PORT",
                    "größe",
                    "Größe",
                    "limit time",
                    "a]",
                    "[x");
    private static final List<String> VALUES =
            List.of(
                    "",
                    "5432",
                    "10.0.0.9",
                    "False",
                    "false",
                    "None",
                    "a ; old",
                    "%(x)s",
                    "ü=ö:#",
                    "  b  ",
                    "\"q\"",
                    "\u00a0nbsp\u00a0",
                    "[options]",
                    "日本",
                    "db_host = x",
                    "; db_port = 1",
                    "\ud83d\ude00",
                    "a\fb\u000bc");
    private static final List<String> INDENTS =
            List.of(
                    "", "", "", "", "", "", "", "", " ", "  ", "\t", "\u00a0", "\f", "\u001c",
                    "\u0085", "\u2003");
    private static final List<String> SIGNS = List.of("#", ";", "; ", "# ", "#; ", ";;", ";\t");
    private static final List<String> SEPARATORS =
            List.of("=", " = ", ":", " : ", "  =  ", " =", "\t=\t", "= :", ":=");
    private static final List<String> HEADERS =
            List.of("[queue_job]", "[DEFAULT]", "[other] ; x]", "[a]=b", "[]", "[]]", "[Options]");
    private static final List<String> ENDS = List.of("\n", "\n", "\n", "\r\n", "\r\n", "\r", "");

    /** The four bytes, none of which UTF-8 allows there, stand for this character. */
    private static final char NOT_UTF8 = '\ue000';

    static ConfSample of(Random random) {
        return new Draft(random).sample();
    }

    byte[] bytes() {
        var out = new ByteArrayOutputStream();
        for (char[] c : characters(String.join("", lines))) {
            out.writeBytes(
                    c[0] == NOT_UTF8
                            ? new byte[] {(byte) 0xff, (byte) 0xc3, (byte) 0x85, (byte) 0xe9}
                            : new String(c).getBytes(charset));
        }
        return out.toByteArray();
    }

    /** Surrogates stay together. */
    private static List<char[]> characters(String text) {
        return text.codePoints().mapToObj(Character::toChars).toList();
    }

    ConfSample without(int line) {
        return new ConfSample(
                IntStream.range(0, lines.size())
                        .filter(at -> at != line)
                        .mapToObj(lines::get)
                        .toList(),
                charset);
    }

    @Override
    public String toString() {
        var text = new StringBuilder(charset + ":\n");
        for (String line : lines) {
            line.chars()
                    .forEach(
                            c ->
                                    text.append(
                                            c >= ' ' && c < 127
                                                    ? "" + (char) c
                                                    : "\\u%04x".formatted(c)));
            text.append('\n');
        }
        return text.toString();
    }

    /** One file in the making. */
    private static final class Draft {
        private final Random random;
        private final List<String> lines = new ArrayList<>();
        private final String end;
        private final boolean mixed;

        Draft(Random random) {
            this.random = random;
            this.end = pick(ENDS.subList(0, ENDS.size() - 1));
            this.mixed = random.nextInt(8) == 0;
        }

        ConfSample sample() {
            String mark = random.nextInt(40) == 0 ? "\uFEFF" : "";
            if (random.nextInt(8) == 0) {
                add(pick(List.of("# Odoo", "", "  ; indented", "db_host = too early")));
            }
            if (random.nextInt(4) == 0) {
                add(pick(HEADERS));
                addEntries(new ArrayList<>(KEYS), 3);
            }
            String header = random.nextInt(30) == 0 ? "[Options]" : "[options]";
            add((random.nextInt(8) == 0 ? "  " : "") + header + pick(List.of("", "", " ", " ; x")));
            addEntries(new ArrayList<>(KEYS), 9);
            if (random.nextInt(3) == 0) {
                add(random.nextInt(12) == 0 ? "[options]" : pick(HEADERS));
                addEntries(new ArrayList<>(KEYS), 3);
            }
            lines.set(0, mark + lines.get(0));
            if (random.nextInt(4) == 0) {
                lines.set(lines.size() - 1, lines.getLast().replaceAll("[\r\n]+$", ""));
            }
            var charset =
                    random.nextInt(10) == 0 ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8;
            return new ConfSample(List.copyOf(lines), charset);
        }

        private void add(String text) {
            lines.add(text + (mixed ? pick(ENDS.subList(0, ENDS.size() - 1)) : end));
        }

        private void addEntries(List<String> unused, int most) {
            String block = random.nextInt(6) == 0 ? "  " : "";
            for (int i = random.nextInt(most + 1); i > 0; i--) {
                add(block + someLine(unused));
            }
        }

        private String someLine(List<String> unused) {
            int luck = random.nextInt(200);
            if (luck < 2) {
                return luck == 0 ? "key without value" : "= value without key";
            } else if (luck < 12) {
                return pick(List.of("", "   ", "\t", "\u00a0", "\f"));
            } else if (luck < 28) {
                return pick(List.of("  ", "\t", "    ")) + pick(VALUES) + " more";
            } else if (luck < 38) {
                return pick(INDENTS) + pick(SIGNS) + pick(List.of("a comment", "", "db_host"));
            } else if (luck < 64) {
                return pick(INDENTS) + pick(SIGNS) + entry(pick(KEYS));
            } else if (luck < 66) {
                return entry(pick(KEYS));
            } else if (luck < 68) {
                return "blob = \ue000 x";
            }
            return unused.isEmpty() ? "" : pick(INDENTS) + entry(take(unused));
        }

        private String entry(String key) {
            return key + pick(SEPARATORS) + pick(VALUES);
        }

        /** Mostly without twins, so that most files are good ones. */
        private String take(List<String> unused) {
            String key = unused.get(random.nextInt(unused.size()));
            unused.removeIf(key::equalsIgnoreCase);
            return key;
        }

        private <T> T pick(List<T> from) {
            return from.get(random.nextInt(from.size()));
        }
    }
}
