package io.kumki.adapter.haproxy;

import java.util.Arrays;

/** Counts out of {@code show stat} (management guide, 9.1). */
final class Sessions {
    private Sessions() {}

    /** How many sessions lead to this server now; 0 if there is no such server. */
    static int of(String csv, String server) {
        var lines = csv.lines().toList();
        if (lines.isEmpty()) {
            return 0;
        }
        var columns = Arrays.asList(lines.getFirst().replaceFirst("^# ", "").split(","));
        int name = columns.indexOf("svname");
        int sessions = columns.indexOf("scur");
        return lines.stream()
                .skip(1)
                .map(line -> line.split(",", -1))
                .filter(cells -> cells.length > sessions && cells[name].equals(server))
                .mapToInt(cells -> Integer.parseInt(cells[sessions]))
                .sum();
    }
}
