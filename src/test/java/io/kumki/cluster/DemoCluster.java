package io.kumki.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.HostPort;
import io.kumki.support.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;

/**
 * A cluster made by the checkout's {@code ./demo}, under a counting writer and a watch that never
 * two servers accept writes. With {@code -Dkumki.it.keep=true} its directory stays for a look.
 */
final class DemoCluster implements AutoCloseable {
    /** Three of the witness, two of each node; the demo leaves out what is taken. */
    private static final int PORTS = 12;

    static final boolean KEEP = Boolean.getBoolean("kumki.it.keep");

    final Onlooker eye;
    final CountingWriter writer;
    final WriterWatch watch;
    final Odoo odoo;
    final Path home;
    private final Path programs;
    private final List<String> options;
    private final String firstPort = Integer.toString(FreePort.row(PORTS));

    /**
     * @param options of `./demo up`
     */
    DemoCluster(String... options) {
        try {
            // Under /tmp: a socket's path has room for about a hundred characters.
            home = Files.createTempDirectory(Path.of("/tmp"), "ki");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.options = List.of(options);
        up();
        var environment = environment();
        var login = login();
        eye = onlooker(environment);
        programs = Path.of(setting("pgbin"));
        odoo = new Odoo(home.resolve("odoo"));
        odoo.listen(programs);
        var leader = eye.healthy();
        watch = new WriterWatch(eye.members, leader, login);
        writer = new CountingWriter(eye.members.stream().map(Member::server).toList(), login);
        watch.start();
        writer.start();
    }

    private void up() {
        try {
            demo(upWords());
        } catch (AssertionError e) {
            downAndWipe();
            throw e;
        }
    }

    private String[] upWords() {
        var words = new ArrayList<>(List.of("up"));
        words.addAll(options);
        return words.toArray(String[]::new);
    }

    private Onlooker onlooker(Map<String, String> environment) {
        var members =
                Arrays.stream(environment.get("NODES").split(" "))
                        .map(
                                name ->
                                        new Member(
                                                name,
                                                HostPort.parse(environment.get(name + "_PG")),
                                                HostPort.parse(environment.get(name + "_API")),
                                                Path.of(environment.get(name + "_DATA")),
                                                home.resolve(name).resolve("run")))
                        .toList();
        return new Onlooker(
                members,
                HostPort.parse(environment.get("WITNESS_API")),
                new Agents(secret("token")),
                new Login("postgres", secret("superuser"), "odoo"),
                !options.contains("async"));
    }

    /** From now on nobody writes but the cluster itself. */
    void idle() {
        watch.close();
        writer.close();
    }

    Login login() {
        var environment = environment();
        return new Login(
                environment.get("PGUSER"),
                environment.get("PGPASSWORD"),
                environment.get("PGDATABASE"));
    }

    Map<String, String> environment() {
        var environment = new HashMap<String, String>();
        demo("env")
                .lines()
                .map(line -> line.split("=", 2))
                .forEach(pair -> environment.put(pair[0], pair[1].replace("'", "")));
        return environment;
    }

    /** {@code ./demo kill KIND NODE}; returns when it is done, not when writes go on. */
    void kill(String kind, Member node) {
        strike("kill", kind, node.name());
    }

    void freeze(String kind, Member node) {
        strike("freeze", kind, node.name());
    }

    void thaw(String kind, Member node) {
        strike("thaw", kind, node.name());
    }

    void start(Member node) {
        demo("start", node.name());
    }

    /** Starts and lets go on whatever a failed test has left behind. */
    void mend() {
        eye.members.forEach(this::start);
        eye.resumeIfPaused();
    }

    void switchover(Member to) {
        demo("switchover", to.name());
    }

    /** Stops everything, then starts it again. */
    void restart() {
        demo("down");
        demo("up");
        odoo.listen(programs);
    }

    /** Sends a signal to a process of this cluster. */
    static void signal(String name, long pid) {
        Commands.run("kill", "-" + name, Long.toString(pid));
    }

    /**
     * Healthy again, Odoo pointed right, nothing acknowledged was lost, never two writers.
     *
     * @return who leads
     */
    Member sound() {
        var leader = eye.healthy();
        odoo.pointsTo(leader, eye.except(leader));
        writer.awaitMore();
        assertThat(lost(leader)).as("acknowledged rows that %s lacks", leader).isEmpty();
        watch.assertNeverTwoWriters();
        return leader;
    }

    SortedSet<Long> lost(Member leader) {
        return writer.lost(leader.server());
    }

    /** The fault is done when its first line is out; the rest of it only measures a gap. */
    private void strike(String... words) {
        try {
            var process = Commands.builder(command(words), Map.of()).start();
            try (var lines = process.inputReader(StandardCharsets.UTF_8)) {
                var first = Objects.requireNonNullElse(lines.readLine(), "");
                assertThat(first)
                        .as(String.join(" ", words))
                        .matches("(killed|froze|thawed) the .*");
            } finally {
                process.destroy();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs {@code ./demo}, which must succeed; returns what it said. */
    private String demo(String... words) {
        var environment = Commands.choices();
        environment.put("KUMKI_DEMO_PORT", firstPort);
        return Commands.run(environment, command(words).toArray(String[]::new));
    }

    private List<String> command(String... words) {
        var command = new ArrayList<>(List.of("./demo", "--dir", home.toString()));
        command.addAll(List.of(words));
        return command;
    }

    private String secret(String name) {
        return read(home.resolve("secrets").resolve(name)).strip();
    }

    private String setting(String key) {
        return read(home.resolve("settings"))
                .lines()
                .filter(line -> line.startsWith(key + "="))
                .map(line -> line.substring(key.length() + 1))
                .findFirst()
                .orElseThrow();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void downAndWipe() {
        if (KEEP) {
            demo("down");
        } else {
            demo("down", "--wipe");
        }
    }

    @Override
    public void close() {
        try (watch;
                writer) {
            assertThat(home).isDirectory();
        } finally {
            downAndWipe();
        }
    }
}
