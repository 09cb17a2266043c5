package io.kumki.cluster;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A bridge on this machine with a network namespace of its own for each node. Needs root. */
final class Network implements AutoCloseable {
    private static final List<String> NAMES = List.of("n1", "n2", "witness");

    private final long id = ProcessHandle.current().pid() % 100_000;
    // Sixteen addresses: two that are tested side by side must not meet in one network.
    private final String subnet = "198.18.%d.".formatted(id / 16 % 250);
    private final long first = id % 16 * 16;
    private final String bridge = "kib" + id;

    /** Whether namespaces can be made here; it says why where they can't. */
    static boolean possible() {
        var name = "kip" + ProcessHandle.current().pid();
        if (!Commands.root()) {
            return impossible("this is not root");
        }
        var made = Commands.attempt(List.of("sh", "-c", "ip netns add " + name), Map.of());
        if (made.exit() != 0) {
            return impossible(made.output().strip());
        }
        Commands.run("ip", "netns", "del", name);
        return true;
    }

    private static boolean impossible(String why) {
        System.err.println("TESTS ARE SKIPPED: network namespaces can't be made here: " + why);
        return false;
    }

    Network() {
        ip("link add %s type bridge", bridge);
        ip("addr add %s/28 dev %s", address(14), bridge);
        ip("link set %s up", bridge);
        for (var name : NAMES) {
            var space = space(name);
            ip("netns add %s", space);
            ip("link add %s type veth peer name eth0 netns %s", port(name), space);
            ip("link set %s master %s up", port(name), bridge);
            ip("-n %s addr add %s/28 dev eth0", space, host(name));
            ip("-n %s link set eth0 up", space);
            ip("-n %s link set lo up", space);
        }
    }

    Map<String, String> hosts() {
        var hosts = new HashMap<String, String>();
        NAMES.forEach(n -> hosts.put(n, host(n)));
        return hosts;
    }

    Map<String, List<String>> places() {
        var places = new HashMap<String, List<String>>();
        NAMES.forEach(n -> places.put(n, List.of("ip", "netns", "exec", space(n))));
        return places;
    }

    /** Nothing reaches that node any more, and it reaches nobody. */
    void cut(String name) {
        ip("link set %s down", port(name));
    }

    void heal(String name) {
        ip("link set %s up", port(name));
    }

    private String host(String name) {
        return address(NAMES.indexOf(name) + 1);
    }

    private String address(int number) {
        return subnet + (first + number);
    }

    private String space(String name) {
        return "kis%d-%s".formatted(id, name);
    }

    private String port(String name) {
        return "kiv%d-%d".formatted(id, NAMES.indexOf(name));
    }

    private static void ip(String words, Object... values) {
        Commands.run(("ip " + words.formatted(values)).split(" "));
    }

    @Override
    public void close() {
        // A namespace's devices go a while after its name: the next network needs their names.
        NAMES.forEach(n -> ip("link del %s", port(n)));
        NAMES.forEach(n -> ip("netns del %s", space(n)));
        ip("link del %s", bridge);
    }
}
