package io.kumki.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.HostPort;
import io.kumki.support.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Two nodes and a witness whose runners and agents are started one by one, where the demo can't: in
 * namespaces, or on servers that were there before.
 */
final class HandCluster implements AutoCloseable {
    static final String PASSWORD = "only-for-this-test";
    private static final String WITNESS = "witness";
    private static final List<String> NODES = List.of("n1", "n2");

    final Path home;
    final Path programs;
    final Onlooker eye;

    /** Of the agents that are started from now on, such as {@code -Dname=value}. */
    final List<String> properties = new ArrayList<>();

    private Executable executable;

    /** Settings of PostgreSQL, NAME=VALUE, for runners that are started from now on. */
    final List<String> settings = new ArrayList<>();

    private final Map<String, Process> processes = new HashMap<>();
    private final Map<String, List<String>> places;
    private final Map<String, HostPort> apis = new TreeMap<>();

    /**
     * @param hosts the address of each node and the witness
     * @param places words before every command of that node, e.g. {@code ip netns exec NAME}
     */
    HandCluster(Map<String, String> hosts, Map<String, List<String>> places) {
        this(hosts, places, new Agents(PASSWORD));
    }

    /**
     * @param agents how to talk to them
     */
    HandCluster(Map<String, String> hosts, Map<String, List<String>> places, Agents agents) {
        this.places = places;
        try {
            home = Files.createTempDirectory(Path.of("/tmp"), "ki");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        programs =
                Path.of(
                        Commands.run(
                                        Commands.choices(),
                                        "bash",
                                        "-c",
                                        ". deploy/demo/prerequisites.sh; find_postgres")
                                .strip());
        hosts.forEach((node, host) -> apis.put(node, new HostPort(host, FreePort.next())));
        eye =
                new Onlooker(
                        NODES.stream().map(n -> member(n, hosts.get(n))).toList(),
                        apis.get(WITNESS),
                        agents,
                        new Login("postgres", PASSWORD, "postgres"),
                        true);
        install();
    }

    /** All on this machine's loopback. */
    static HandCluster here() {
        var host = "127.0.0.1";
        return new HandCluster(Map.of("n1", host, "n2", host, WITNESS, host), Map.of());
    }

    private Member member(String name, String host) {
        var folder = home.resolve(name);
        return new Member(
                name,
                new HostPort(host, FreePort.next()),
                apis.get(name),
                folder.resolve("data"),
                folder.resolve("run"));
    }

    private void install() {
        executable = Executable.installedIn(home);
        write("secret", PASSWORD);
        for (var node : apis.keySet()) {
            Commands.run("mkdir", "-p", home + "/" + node + "/run", home + "/" + node + "/state");
            write(node + "/agent.conf", configuration(node));
        }
        if (Commands.root()) {
            Commands.run("chown", "-R", "postgres:", home.toString());
        }
    }

    /**
     * From now on agents are patient. For tests that let no lease run out: a busy machine must not
     * make failovers of its own.
     */
    HandCluster unhurried() {
        for (var node : apis.keySet()) {
            add(node, "ttl = 15s");
        }
        return this;
    }

    /** One more line of the agent's configuration, from its next start on. */
    void add(String node, String line) {
        try {
            Files.writeString(configurationOf(node), line + "\n", StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(String name, String text) {
        try {
            Files.writeString(home.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The agent's configuration file; lines may be added before the agent is started. */
    Path configurationOf(String node) {
        return home.resolve(node).resolve("agent.conf");
    }

    private String configuration(String node) {
        var peers =
                apis.entrySet().stream()
                        .map(e -> e.getKey() + "=" + e.getValue())
                        .collect(Collectors.joining(","));
        var common =
                """
                node = %1$s
                listen = %2$s
                peers = %3$s
                token-file = %4$s/secret
                state-dir = %4$s/%1$s/state
                """
                        .formatted(node, apis.get(node), peers, home);
        if (node.equals(WITNESS)) {
            return common + "witness = true\n";
        }
        return common
                + """
                run-dir = %1$s/%2$s/run
                postgres = %3$s
                postgres-password-file = %1$s/secret
                bootstrap = %4$s
                """
                        .formatted(home, node, eye.member(node).server(), node.equals("n1"));
    }

    void startAll() {
        NODES.forEach(this::startRunner);
        apis.keySet().forEach(this::startAgent);
    }

    void startRunner(String node) {
        var member = eye.member(node);
        var environment =
                Map.of(
                        "PGDATA", member.data().toString(),
                        "KUMKI_RUN", member.run().toString(),
                        "KUMKI_NODE", node,
                        "KUMKI_PGBIN", programs.toString(),
                        "PGPORT", Integer.toString(member.server().port()),
                        "KUMKI_REPLICATION_PASSWORD", PASSWORD,
                        "KUMKI_POSTGRES_PASSWORD", PASSWORD,
                        "POSTGRES_PASSWORD", PASSWORD,
                        "KUMKI_INITDB", home.resolve("none").toString());
        var words = new ArrayList<>(List.of("bash", home.resolve("bin/kumki-runner").toString()));
        Stream.concat(
                        Stream.of(
                                "listen_addresses=" + member.server().host(),
                                "unix_socket_directories=" + member.run()),
                        settings.stream())
                .forEach(setting -> words.addAll(List.of("-c", setting)));
        start(node, "runner", environment, words);
    }

    Process startAgent(String node) {
        return start(node, "agent", Map.of(), agent(configurationOf(node)));
    }

    /** A second agent at a node's place, with another configuration. */
    void startCopy(String node, Path configuration) {
        start(node, "copy", Map.of(), agent(configuration));
    }

    Executable executable() {
        return executable;
    }

    List<String> agent(Path configuration) {
        return executable.command(
                properties, List.of("agent", "--config", configuration.toString()));
    }

    private Process start(
            String node, String program, Map<String, String> environment, List<String> words) {
        try {
            var builder =
                    Commands.builder(command(node, words), environment).directory(home.toFile());
            var log = home.resolve(node).resolve(program + ".log").toFile();
            var process = builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log)).start();
            processes.put(node + " " + program, process);
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A command at a node's place, as the servers' account: PostgreSQL refuses to run as root. */
    List<String> command(String node, List<String> words) {
        var command = new ArrayList<>(places.getOrDefault(node, List.of()));
        if (Commands.root()) {
            command.addAll(
                    List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"));
        }
        command.addAll(words);
        return command;
    }

    /** Runs a program of PostgreSQL at a node's place; it must succeed. */
    void postgres(String node, String program, String... arguments) {
        var words = new ArrayList<>(List.of(programs.resolve(program).toString()));
        words.addAll(List.of(arguments));
        Commands.run(Map.of("PGPASSWORD", PASSWORD), command(node, words).toArray(String[]::new));
    }

    void stop(String node, String program) {
        var process = processes.get(node + " " + program);
        process.destroy();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        try {
            for (var program : List.of("copy", "agent", "runner")) {
                apis.keySet().stream()
                        .filter(node -> processes.containsKey(node + " " + program))
                        .forEach(node -> stop(node, program));
            }
        } finally {
            // One that does not end must not leave the others to the tests that follow.
            processes.values().forEach(Process::destroy);
        }
        if (!DemoCluster.KEEP) {
            Commands.run("rm", "-rf", home.toString());
        }
    }
}
