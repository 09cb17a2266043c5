package io.kumki.adapter.haproxy;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * One server of a backend, as HAProxy sees it.
 *
 * @param up its checks say so, or it was said to them
 * @param drained takes no new session, by order of an agent
 */
record Server(String name, boolean up, boolean drained) {
    /** The way to the frontend where sessions wait; no server of PostgreSQL. */
    private static final String HOLD = "hold";

    /** The reads' entry for a node that leads; it follows the writes' entry by itself. */
    private static final String LEADER = "-leader";

    private static final int FORCED_DRAIN = 8;

    static String leaderEntry(String node) {
        return node + LEADER;
    }

    boolean isLeaderEntry() {
        return name.endsWith(LEADER);
    }

    /**
     * Reads the answer to {@code show servers state BACKEND} (management guide, 9.3).
     *
     * @throws IOException with HAProxy's own words if it is something else
     */
    static List<Server> parse(String answer) throws IOException {
        var lines = answer.strip().lines().toList();
        if (lines.size() < 2 || !lines.get(1).startsWith("# ")) {
            throw new IOException("HAProxy answers \"" + answer.strip() + "\"");
        }
        var columns = Arrays.asList(lines.get(1).substring(2).split(" "));
        int name = columns.indexOf("srv_name");
        int state = columns.indexOf("srv_op_state");
        int admin = columns.indexOf("srv_admin_state");
        return lines.stream()
                .skip(2)
                .map(line -> line.split(" "))
                .filter(cells -> !cells[name].equals(HOLD))
                .map(
                        cells ->
                                new Server(
                                        cells[name],
                                        !cells[state].equals("0"),
                                        (Integer.parseInt(cells[admin]) & FORCED_DRAIN) != 0))
                .toList();
    }
}
