package io.kumki.core.model;

/**
 * What a password, token or address is, in a file or a variable that a person or a tool wrote: on
 * Windows lines end in CR LF, and some editors begin a file with a byte order mark. The rule is the
 * same in every script that reads one (deploy/node/kumki-runner, {@code secret}): two readers that
 * differ would each be right, and the login would fail.
 */
public final class SecretText {
    private static final char MARK = '\uFEFF';
    private static final String BLANK = " \t\r\n\u000B\f";

    private SecretText() {}

    /**
     * @return the text without a byte order mark at its beginning, and without blanks, tabs and
     *     line ends at its beginning and end
     */
    public static String of(String text) {
        int from = !text.isEmpty() && text.charAt(0) == MARK ? 1 : 0;
        int to = text.length();
        while (from < to && BLANK.indexOf(text.charAt(from)) >= 0) {
            from++;
        }
        while (to > from && BLANK.indexOf(text.charAt(to - 1)) >= 0) {
            to--;
        }
        return text.substring(from, to);
    }
}
