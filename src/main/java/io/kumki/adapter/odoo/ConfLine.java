package io.kumki.adapter.odoo;

/**
 * One line of odoo.conf, as Python's RawConfigParser understands it.
 *
 * @param number from 1
 * @param text without its end
 * @param end LF, CRLF, CR, or empty on a last line without one
 * @param section the section it stands in or opens; empty before the first
 * @param key in lower case; empty if the line is no option
 * @param valueAt where the value starts in {@code text}; only of an option
 */
record ConfLine(
        int number, String text, String end, Kind kind, String section, String key, int valueAt) {
    enum Kind {
        BLANK,
        COMMENT,
        SECTION,
        OPTION,
        CONTINUATION
    }

    boolean isSignificant() {
        return kind != Kind.BLANK && kind != Kind.COMMENT;
    }

    int indent() {
        return indentOf(text);
    }

    static int indentOf(String text) {
        int at = 0;
        while (at < text.length() && isSpace(text.charAt(at))) {
            at++;
        }
        return at;
    }

    static String strip(String text) {
        return stripEnd(text.substring(indentOf(text)));
    }

    static String stripEnd(String text) {
        int end = text.length();
        while (end > 0 && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(0, end);
    }

    /** Where the first {@code =} or {@code :} stands, or -1. */
    static int separatorIn(String text) {
        int equals = text.indexOf('=');
        int colon = text.indexOf(':');
        return equals < 0 || colon >= 0 && colon < equals ? colon : equals;
    }

    /** The text after all comment signs and blanks that it begins with. */
    static String uncommented(String text) {
        int at = 0;
        while (at < text.length() && (isSpace(text.charAt(at)) || isSign(text.charAt(at)))) {
            at++;
        }
        return text.substring(at);
    }

    private static boolean isSign(char c) {
        return c == '#' || c == ';';
    }

    /** White space by Python's {@code str.isspace}, which differs from every Java method. */
    private static boolean isSpace(char c) {
        return c >= '\t' && c <= '\r'
                || c >= 0x1c && c <= 0x20
                || c == 0x85
                || Character.getType(c) == Character.SPACE_SEPARATOR
                || c == 0x2028
                || c == 0x2029;
    }
}
