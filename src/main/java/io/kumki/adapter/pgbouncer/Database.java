package io.kumki.adapter.pgbouncer;

import io.kumki.core.model.HostPort;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One database of PgBouncer's.
 *
 * @param address as PgBouncer writes it: HOST:PORT
 * @param session pooled by session: its clients keep their server until they leave
 * @param active servers that work for a client now: in transaction pooling, open transactions
 */
record Database(String name, String address, boolean session, boolean paused, int active) {
    private static final String CONSOLE = "pgbouncer";

    boolean leadsTo(HostPort target) {
        return address.equals(target.host() + ":" + target.port());
    }

    /** The name as the console's commands take it. */
    String quoted() {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    static List<Database> all(Console console) throws IOException {
        var usual =
                console.ask("SHOW CONFIG").stream()
                        .filter(row -> row.get("key").equals("pool_mode"))
                        .map(row -> row.get("value"))
                        .collect(Collectors.joining());
        var active =
                console.ask("SHOW POOLS").stream()
                        .collect(
                                Collectors.groupingBy(
                                        row -> row.get("database"),
                                        Collectors.summingInt(Database::active)));
        return console.ask("SHOW DATABASES").stream()
                .filter(row -> !row.get("name").equals(CONSOLE))
                .map(row -> of(row, usual, active.getOrDefault(row.get("name"), 0)))
                .toList();
    }

    private static int active(Map<String, String> pool) {
        return Integer.parseInt(pool.get("sv_active"));
    }

    private static Database of(Map<String, String> row, String usual, int active) {
        var mode = row.get("pool_mode");
        return new Database(
                row.get("name"),
                row.get("host") + ":" + row.get("port"),
                (mode.isEmpty() ? usual : mode).equals("session"),
                row.get("paused").equals("1"),
                active);
    }
}
