package io.kumki.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Kumki's demo, driven through its own commands. */
final class DemoCluster implements AutoCloseable {
    /** Where the logs of the last demo stay. */
    static final Path LOGS = Path.of("target", "bench-logs");

    private static final int UP_SECONDS = 180;

    private final HttpClient http = HttpClient.newHttpClient();
    private final Path home;
    private final List<String> kind;
    private Map<String, String> facts = Map.of();

    /** Starts a demo with two nodes and a witness; the settings are KEY=VALUE of all agents. */
    DemoCluster(String mode, List<String> settings) throws IOException {
        this.home = Files.createTempDirectory("kumki-bench-");
        this.kind = new ArrayList<>(List.of("--mode", mode));
        settings.forEach(s -> kind.addAll(List.of("--set", s)));
        demo(UP_SECONDS, words("up", kind));
        heal();
    }

    /**
     * Starts what is missing and waits until a primary accepts writes, a replica streams and all
     * agree. The demo's own writer is ended: while writes stop it would start a client for each of
     * its tries, on processors that the failover needs.
     */
    void heal() {
        demo(UP_SECONDS, List.of("up"));
        facts = new HashMap<>();
        demo(10, List.of("env"))
                .lines()
                .map(l -> l.split("=", 2))
                .forEach(pair -> facts.put(pair[0], pair[1].replace("'", "")));
        var writer = home.resolve("writer/pid");
        ProcessHandle.of(Long.parseLong(read(writer).strip())).ifPresent(ProcessHandle::destroy);
    }

    String demo(int seconds, List<String> words) {
        var all = new ArrayList<>(List.of("./demo", "--dir", home.toString()));
        all.addAll(words);
        return new Command(all, Map.of()).run(seconds);
    }

    List<String> nodes() {
        return Arrays.asList(facts.get("NODES").split(" "));
    }

    List<Endpoint> endpoints() {
        return nodes().stream().map(this::endpoint).toList();
    }

    Endpoint endpoint(String node) {
        var address = facts.get(node + "_PG").split(":");
        return new Endpoint(node, address[0], Integer.parseInt(address[1]), login());
    }

    /** Odoo's. */
    Endpoint.Login login() {
        return new Endpoint.Login(
                facts.get("PGUSER"), facts.get("PGPASSWORD"), facts.get("PGDATABASE"));
    }

    /** HOST:PORT of a node's server. */
    String address(String node) {
        return facts.get(node + "_PG");
    }

    /** Odoo's way in: through the gateway beside the witness. */
    OdooClient.Access gateway() {
        return OdooClient.Access.of(facts);
    }

    /** The superuser that the demo made. */
    Endpoint.Login administrator() {
        return new Endpoint.Login(
                "postgres", read(home.resolve("secrets/superuser")).strip(), "postgres");
    }

    /** What a node's server and its runner log. */
    Path serverLog(String node) {
        return home.resolve(node).resolve("runner.log");
    }

    /**
     * The node that accepts writes under its lease; on a busy machine its word may take a while.
     */
    String primary() {
        Machine.await("a node that says that it is primary", 20, () -> leader().isPresent());
        return leader().orElseThrow();
    }

    private Optional<String> leader() {
        return nodes().stream().filter(n -> get(api(n), "/primary").isPresent()).findFirst();
    }

    /** Whether a node other than this one accepts writes. */
    boolean leadsAnotherThan(String old) {
        return leader().filter(name -> !name.equals(old)).isPresent();
    }

    String api(String node) {
        return facts.get(node + "_API");
    }

    long agent(String node) {
        return Long.parseLong(facts.get(node + "_AGENT_PID"));
    }

    long runner(String node) {
        return Long.parseLong(facts.get(node + "_RUNNER_PID"));
    }

    /** The newest term that any agent knows. */
    long term() {
        return apis().stream()
                .flatMap(api -> get(api, "/api/v1/cluster").stream())
                .mapToLong(body -> new JsonObject(body).getLong("term"))
                .max()
                .orElse(0);
    }

    private List<String> apis() {
        var all = new ArrayList<>(nodes().stream().map(this::api).toList());
        all.add(facts.get("WITNESS_API"));
        return all;
    }

    /** The newest change of the leader. */
    JsonObject receipt() {
        return apis().stream()
                .flatMap(api -> get(api, "/api/v1/history").stream())
                .map(JsonArray::new)
                .filter(history -> !history.isEmpty())
                .map(history -> history.getJsonObject(0))
                .max(java.util.Comparator.comparingLong(episode -> episode.getLong("term")))
                .orElseThrow(() -> new IllegalStateException("no agent knows a history"));
    }

    /** The body of a good answer; empty for any other, or none within a second. */
    Optional<String> get(String api, String path) {
        var request =
                HttpRequest.newBuilder(URI.create("http://" + api + path))
                        .timeout(Duration.ofSeconds(1))
                        .build();
        try {
            var answer = http.send(request, BodyHandlers.ofString(UTF_8));
            return answer.statusCode() == 200 ? Optional.of(answer.body()) : Optional.empty();
        } catch (IOException silent) {
            return Optional.empty();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Copies the logs to where the demo's end does not wipe them; each time over the last ones. */
    private void keepLogs() {
        try {
            Files.createDirectories(LOGS);
            for (var node : List.of("n1", "n2", "witness")) {
                for (var log : List.of("agent.log", "runner.log")) {
                    var file = home.resolve(node).resolve(log);
                    if (Files.exists(file)) {
                        Files.copy(file, LOGS.resolve(node + "-" + log), REPLACE_EXISTING);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> words(String first, List<String> more) {
        var all = new ArrayList<>(List.of(first));
        all.addAll(more);
        return all;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        keepLogs();
        demo(60, List.of("down", "--wipe"));
    }
}
