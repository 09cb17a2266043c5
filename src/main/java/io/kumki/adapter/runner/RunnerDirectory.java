package io.kumki.adapter.runner;

import io.kumki.agent.port.Clock;
import io.kumki.agent.port.ServerControl;
import io.kumki.core.model.Action.Order;
import io.kumki.core.model.Runner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * The directory shared with the runner, as docs/RUNNER.md describes it. The files are small and lie
 * in memory, so they are read and written in place.
 */
public final class RunnerDirectory implements ServerControl {
    private static final Set<String> NEWS =
            Set.of("runner", "ack", "result", "server", "pid", "armed", "job", "salvage", "kept");
    private static final State UNHEARD =
            new State("unheard", Runner.UNHEARD, StateFile.NO_REMAINS, new Given(0, ""));

    private static final Logger LOG = Logger.getLogger(RunnerDirectory.class);

    private final Path folder;
    private final String slot;
    private final Clock clock;
    private final Runnable poke;
    private final String boot;
    private volatile Map<String, String> read = Map.of();
    private volatile Given given;

    /**
     * @param slot the slot that this node streams from
     * @param poke told of every change but the beat
     * @throws UncheckedIOException if an earlier order can't be read
     */
    public RunnerDirectory(Path folder, String slot, Clock clock, Runnable poke) {
        this.folder = folder;
        this.slot = slot;
        this.clock = clock;
        this.poke = poke;
        var order = StateFile.read(folder.resolve("order"));
        this.boot = boot();
        this.given =
                new Given(
                        Long.parseLong(order.getOrDefault("id", "0")),
                        order.getOrDefault("key", ""));
    }

    /** Looks at the state until the process ends, on a thread of its own. */
    public void watch(Duration every) {
        var thread =
                new Thread(
                        () -> {
                            while (true) {
                                lookAgain();
                                pause(every);
                            }
                        },
                        "kumki-runner-watch");
        thread.setDaemon(true);
        thread.start();
    }

    /** Whatever stands in the file, the watch goes on. */
    private void lookAgain() {
        try {
            look();
        } catch (RuntimeException e) {
            LOG.warnf(e, "cannot make sense of %s; looking again", folder.resolve("state"));
        }
    }

    private static void pause(Duration every) {
        try {
            Thread.sleep(every);
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the watch", e);
        }
    }

    private void look() {
        var now = StateFile.read(folder.resolve("state"));
        var before = read;
        read = now;
        forgetLostOrder(now);
        if (NEWS.stream()
                .anyMatch(k -> !now.getOrDefault(k, "").equals(before.getOrDefault(k, "")))) {
            poke.run();
        }
    }

    /**
     * The directory was emptied, with the runner or by a reboot: nobody will look at that order.
     */
    private void forgetLostOrder(Map<String, String> now) {
        var order = given;
        boolean unseen =
                !now.isEmpty() && Long.parseLong(now.getOrDefault("ack", "0")) < order.id();
        if (unseen && !Files.exists(folder.resolve("order"))) {
            given = new Given(order.id(), "");
            poke.run();
        }
    }

    @Override
    public State state() {
        var now = read;
        return now.isEmpty()
                ? new State(UNHEARD.server(), UNHEARD.runner(), UNHEARD.remains(), given)
                : StateFile.parse(now, given, kind(given), clock.uptime());
    }

    /** The kind of an order from its key, which is the order's own text: {@code Rewind[...]}. */
    private static String kind(Given given) {
        int end = given.key().indexOf('[');
        var type = end < 0 ? "" : given.key().substring(0, end);
        return switch (type) {
            case "BePrimary" -> "primary";
            case "BeStandby" -> "standby";
            default -> type.toLowerCase(Locale.ROOT);
        };
    }

    @Override
    public void order(Order order, long term, String systemId) {
        long acknowledged = Long.parseLong(read.getOrDefault("ack", "0"));
        var next = new Given(Math.max(given.id(), acknowledged) + 1, order.key(term));
        var lines = new LinkedHashMap<String, String>();
        lines.put("id", Long.toString(next.id()));
        lines.put("key", next.key());
        lines.put("term", Long.toString(term));
        lines.put("system_id", systemId);
        lines.putAll(OrderFile.lines(order, slot));
        write("order", lines);
        given = next;
    }

    @Override
    public void lease(long term, long deadline, long kill) {
        var lines = new LinkedHashMap<String, String>();
        lines.put("term", Long.toString(term));
        lines.put("deadline", seconds(deadline));
        lines.put("kill", seconds(kill));
        lines.put("boot", boot);
        write("lease", lines);
    }

    /** Instants of {@code /proc/uptime} mean nothing after a reboot. */
    private static String boot() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the boot id", e);
        }
    }

    private static String seconds(long millis) {
        return "%d.%02d".formatted(millis / 1000, millis % 1000 / 10);
    }

    /** The runner may look at any moment: it sees the old file or the new one. */
    private void write(String name, Map<String, String> lines) {
        var text = new StringBuilder();
        lines.forEach((k, v) -> text.append(k).append('=').append(v).append('\n'));
        var draft = folder.resolve(name + ".new");
        try {
            Files.writeString(draft, text);
            Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rw-r--r--"));
            Files.move(
                    draft,
                    folder.resolve(name),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + name + " into " + folder, e);
        }
    }
}
