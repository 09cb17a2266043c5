package io.kumki.config;

import io.kumki.config.Configuration.AfterFailover;
import io.kumki.config.Configuration.Odoo;
import io.kumki.core.model.HostPort;
import io.kumki.core.model.NodeId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** Checks what the agent is told about the Odoos beside it. */
final class OdooChecker {
    private final Sources sources;
    private final Values values;
    private final List<String> problems;

    OdooChecker(Sources sources, Values values, List<String> problems) {
        this.sources = sources;
        this.values = values;
        this.problems = problems;
    }

    Odoo odoo(Set<NodeId> peers) {
        var endpoints = values.map(Key.ODOO_ENDPOINTS);
        endpoints.keySet().stream()
                .filter(n -> !peers.contains(n))
                .forEach(n -> problems.add("`odoo-endpoints` names " + n + ", `peers` does not"));
        var odoo =
                new Odoo(
                        instances(),
                        endpoints,
                        gateway(),
                        afterFailover(),
                        sources.explicit(Key.ODOO_RELOAD_COMMAND),
                        sources.explicit(Key.ODOO_RESTART_COMMAND));
        if (odoo.gateway().isPresent() && !endpoints.isEmpty()) {
            problems.add("`odoo-gateway` and `odoo-endpoints` exclude each other");
        }
        if (odoo.afterFailover() == AfterFailover.RESTART_COMMAND
                && odoo.restartCommand().isEmpty()) {
            problems.add("`odoo-after-failover` is restart-command without `odoo-restart-command`");
        }
        return odoo;
    }

    private List<Odoo.Instance> instances() {
        var files = list(Key.ODOO_CONF).stream().map(Path::of).toList();
        files.stream()
                .filter(f -> !Files.isRegularFile(f))
                .forEach(f -> problems.add("`odoo-conf`: " + f + " is not a file"));
        if (new HashSet<>(files).size() < files.size()) {
            problems.add("`odoo-conf` names a file twice");
        }
        var pids = each(Key.ODOO_PID, files.size());
        var pidFiles = each(Key.ODOO_PID_FILE, files.size());
        if (!pids.isEmpty() && !pidFiles.isEmpty()) {
            problems.add("`odoo-pid` and `odoo-pid-file` exclude each other");
        }
        if (files.isEmpty() && sources.explicit(Key.ODOO_RELOAD_COMMAND).isPresent()) {
            problems.add("an Odoo process is configured without `odoo-conf`");
        }
        return IntStream.range(0, files.size())
                .mapToObj(
                        at ->
                                new Odoo.Instance(
                                        files.get(at),
                                        at(pids, at).map(this::pid),
                                        at(pidFiles, at).map(Path::of)))
                .toList();
    }

    /** One for each file, in the same order. */
    private List<String> each(Key key, int files) {
        var found = list(key);
        if (!found.isEmpty() && files == 0) {
            problems.add("an Odoo process is configured without `odoo-conf`");
        } else if (!found.isEmpty() && found.size() != files) {
            problems.add(
                    "`%s` names %d, `odoo-conf` %d; the same number in the same order is expected"
                            .formatted(key.key(), found.size(), files));
        }
        return found;
    }

    private long pid(String text) {
        if (text.matches("[0-9]{1,9}") && Long.parseLong(text) > 1) {
            return Long.parseLong(text);
        }
        problems.add("`odoo-pid` is \"" + text + "\"; expected a process id");
        return 0;
    }

    private Optional<Odoo.Door> gateway() {
        var parts = list(Key.ODOO_GATEWAY);
        if (parts.isEmpty()) {
            return Optional.empty();
        }
        try {
            if (parts.size() == 2) {
                return Optional.of(
                        new Odoo.Door(HostPort.parse(parts.get(0)), HostPort.parse(parts.get(1))));
            }
            problems.add("`odoo-gateway` must be two addresses, RW_HOST:PORT,RO_HOST:PORT");
        } catch (IllegalArgumentException e) {
            problems.add("`odoo-gateway`: " + e.getMessage());
        }
        return Optional.empty();
    }

    private AfterFailover afterFailover() {
        return switch (values.text(Key.ODOO_AFTER_FAILOVER)) {
            case "none" -> AfterFailover.NONE;
            case "hangup" -> AfterFailover.HANGUP;
            case "restart-command" -> AfterFailover.RESTART_COMMAND;
            default -> {
                problems.add(
                        "`odoo-after-failover` is \"%s\"; expected none, hangup or restart-command"
                                .formatted(values.text(Key.ODOO_AFTER_FAILOVER)));
                yield AfterFailover.NONE;
            }
        };
    }

    private List<String> list(Key key) {
        return sources.explicit(key).stream()
                .flatMap(v -> Arrays.stream(v.split(",")))
                .map(String::strip)
                .filter(v -> !v.isEmpty())
                .toList();
    }

    private static Optional<String> at(List<String> list, int index) {
        return index < list.size() ? Optional.of(list.get(index)) : Optional.empty();
    }
}
