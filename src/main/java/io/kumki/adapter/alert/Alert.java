package io.kumki.adapter.alert;

import java.util.Map;
import java.util.TreeMap;

/**
 * One thing that people should know.
 *
 * @param event a fixed word for programs; docs/API.md lists them
 * @param title one line
 * @param text one to three short lines
 * @param fields the numbers in the text once more, for programs
 */
public record Alert(
        String event, Severity severity, String title, String text, Map<String, String> fields) {
    public Alert {
        fields = Map.copyOf(fields);
    }

    /** How soon somebody should look. */
    public enum Severity {
        INFO,
        WARNING,
        CRITICAL
    }

    static Alert of(String event, Severity severity, String title, String text) {
        return new Alert(event, severity, title, text, Map.of());
    }

    Alert with(String field, Object value) {
        var more = new TreeMap<>(fields);
        more.put(field, String.valueOf(value));
        return new Alert(event, severity, title, text, more);
    }
}
