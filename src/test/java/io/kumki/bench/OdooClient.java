package io.kumki.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The client of src/test/python that uses PostgreSQL as Odoo does, as a process of its own: 20
 * requests a second, each with one to three transactions, and rows with numbers.
 */
public final class OdooClient implements AutoCloseable {
    private static final Path CHECKOUT =
            Path.of(System.getProperty("kumki.checkout", "")).toAbsolutePath();

    /** Debian's, because psycopg2 is one of its packages. */
    private static final String PYTHON = "/usr/bin/python3";

    /** It gives requests that hang 40 s at its end. */
    private static final int END_SECONDS = 60;

    /**
     * Where it connects, and who it is.
     *
     * @param rw HOST:PORT for everything but read-only transactions
     * @param ro HOST:PORT for those
     */
    public record Access(String rw, String ro, String user, String password, String database) {
        /** From what {@code ./demo env} prints. */
        public static Access of(Map<String, String> environment) {
            return new Access(
                    environment.get("GATEWAY_RW"),
                    environment.get("GATEWAY_RO"),
                    environment.get("PGUSER"),
                    environment.get("PGPASSWORD"),
                    environment.get("PGDATABASE"));
        }

        Access to(String endpoint) {
            return new Access(endpoint, endpoint, user, password, database);
        }
    }

    /**
     * One request that has ended.
     *
     * @param due when it was to begin, in seconds since 1970
     * @param took from then to its end, in seconds
     * @param phase what was being done when it failed; empty if it did not fail
     * @param error empty if it did not fail
     */
    public record Request(double due, double took, String kind, String phase, String error) {
        public boolean failed() {
            return !phase.isEmpty();
        }

        /** A transaction had begun, or the connection was just about to begin one. */
        public boolean failedInside() {
            return List.of("begin", "statement", "commit", "rollback").contains(phase);
        }

        private static Request of(JsonObject line) {
            return new Request(
                    line.getDouble("due"),
                    line.getDouble("took"),
                    line.getString("kind"),
                    line.getString("phase", ""),
                    line.getString("error", ""));
        }
    }

    /**
     * What a server kept of the rows whose commits were acknowledged.
     *
     * @param warned rows that are missing after a commit which came with a warning
     */
    public record Kept(long acknowledged, long lost, long warned) {}

    private final Access access;
    private final List<String> options;
    private final Path ledger;
    private final ConcurrentLinkedQueue<JsonObject> lines = new ConcurrentLinkedQueue<>();
    private final List<String> noise = new ArrayList<>();
    private Process process;
    private Thread reader;

    /** Makes the tables and starts it; it ends by itself after a time. */
    public OdooClient(Access access, Duration limit, String... options) {
        this.access = access;
        this.options = List.of(options);
        try {
            ledger = Files.createTempFile("kumki-odoo-", ".json");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        command(access, "prepare").run(END_SECONDS);
        start(limit);
    }

    private void start(Duration limit) {
        var run =
                command(access, "run", "--every", "--seconds", Long.toString(limit.toSeconds()))
                        .start(ProcessBuilder.Redirect.PIPE);
        process = run;
        reader = Thread.ofPlatform().daemon().start(() -> read(run));
    }

    private Command command(Access to, String... what) {
        var words = new ArrayList<>(List.of(PYTHON, "-B"));
        words.add(CHECKOUT.resolve("src/test/python/odoo_pool.py").toString());
        words.addAll(List.of(what));
        if (what[0].equals("run")) {
            words.addAll(options);
        }
        words.addAll(List.of("--rw", to.rw(), "--ro", to.ro()));
        words.addAll(List.of("--user", to.user(), "--database", to.database()));
        words.addAll(List.of("--ledger", ledger.toString()));
        return new Command(words, Map.of("PGPASSWORD", to.password()));
    }

    private void read(Process from) {
        try (var output = from.inputReader(UTF_8)) {
            for (var line = output.readLine(); line != null; line = output.readLine()) {
                if (line.startsWith("{")) {
                    lines.add(new JsonObject(line));
                } else {
                    noise.add(line);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Stream<JsonObject> events(String name) {
        return lines.stream().filter(line -> line.getString("event").equals(name));
    }

    /** Requests that have ended by now, in the order of their end. */
    public List<Request> requests() {
        return events("request").map(Request::of).toList();
    }

    /** Requests that were to begin in a time; both ends in seconds since 1970. */
    public List<Request> requestsBetween(double from, double to) {
        return requests().stream().filter(r -> r.due() >= from && r.due() < to).toList();
    }

    /** What else it told, e.g. that its cron thread connected again. */
    public List<String> remarks() {
        return lines.stream()
                .filter(line -> List.of("cron", "fallback").contains(line.getString("event")))
                .map(JsonObject::encode)
                .toList();
    }

    /** Ends it; what it says about the whole run: requests, failed, refused, longest, p99 ... */
    public JsonObject stop() {
        // Process.destroy would close its output, where the summary comes.
        process.toHandle().destroy();
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the client did not end: " + noise);
            }
            reader.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
        return events("summary")
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no summary, but " + noise));
    }

    /** Which acknowledged rows a server, HOST:PORT, has; after {@link #stop()}. */
    public Kept keptBy(String endpoint) {
        var found = new JsonObject(command(access.to(endpoint), "check").run(END_SECONDS));
        return new Kept(
                found.getLong("acknowledged"),
                found.getLong("lost"),
                found.getLong("doubtful_lost"));
    }

    /** Seconds since 1970, as in {@link Request#due()}. */
    public static double now() {
        return System.currentTimeMillis() / 1000.0;
    }

    /** A map of the summary, e.g. of failed connects by their text: a line for each entry. */
    static List<String> counts(JsonObject summary, String key) {
        return summary.getJsonObject(key).stream()
                .map(entry -> entry.getValue() + " x " + entry.getKey())
                .toList();
    }

    @Override
    public void close() throws IOException {
        if (process.isAlive()) {
            stop();
        }
        Files.deleteIfExists(ledger);
    }
}
