package io.kumki.bench;

import io.kumki.support.PostgresPrograms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** PostgreSQL's own benchmark against one endpoint. */
record Pgbench(String endpoint, Endpoint.Login login) {
    private static final Pattern RATE = Pattern.compile("tps = ([0-9.]+) \\(without");
    private static final int SCALE = 10;

    /**
     * What one run found.
     *
     * @param rate transactions a second, without the time for connecting
     * @param p99 of a transaction's latency, in milliseconds
     */
    record Result(double rate, double p99) {}

    /** Makes its tables. */
    void initialise() {
        command("-i", "-q", "-s", Integer.toString(SCALE)).run(120);
    }

    /**
     * @param script -S for reads, -N for writes
     */
    Result run(String script, int clients, int seconds) throws IOException {
        var folder = Files.createTempDirectory("kumki-pgbench-");
        var threads = Integer.toString(Math.min(clients, 2));
        var output =
                command(
                                script,
                                "-n",
                                "-c" + clients,
                                "-j" + threads,
                                "-T" + seconds,
                                "-l",
                                "--log-prefix=" + folder.resolve("log"))
                        .run(seconds + 60);
        var rate = RATE.matcher(output);
        if (!rate.find()) {
            throw new IllegalStateException("pgbench told no rate:\n" + output);
        }
        return new Result(Double.parseDouble(rate.group(1)), p99(folder));
    }

    private Command command(String... more) {
        var address = endpoint.split(":");
        var words = new ArrayList<>(List.of(PostgresPrograms.program("pgbench")));
        words.addAll(List.of(more));
        words.addAll(List.of("-h", address[0], "-p", address[1], "-U", login.user()));
        words.add(login.database());
        return new Command(words, Map.of("PGPASSWORD", login.password(), "PGSSLMODE", "disable"));
    }

    /** Reads its log, a line for each transaction, and removes it. */
    private static double p99(Path folder) throws IOException {
        var latencies = new ArrayList<Long>();
        try (Stream<Path> files = Files.list(folder)) {
            for (var file : files.toList()) {
                try (var lines = Files.lines(file)) {
                    lines.forEach(line -> latencies.add(Long.parseLong(line.split(" ")[2])));
                }
                Files.delete(file);
            }
        }
        Files.delete(folder);
        latencies.sort(Comparator.naturalOrder());
        return latencies.get((int) (latencies.size() * 0.99)) / 1000.0;
    }
}
