package io.kumki.adapter.odoo;

import io.kumki.core.model.HostPort;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The running Odoo: found by pid or pid file, told by SIGHUP or by a command to read its
 * configuration again, looked at through {@code /proc}. On SIGHUP Odoo executes itself anew under
 * the same pid. Not thread-safe.
 */
public final class OdooProcess {
    /** Which process is meant: the main one, never a worker. */
    public sealed interface Where {}

    public record Pid(long pid) implements Where {}

    /** Read anew each time: after a restart it holds another pid. */
    public record PidFile(Path path) implements Where {}

    /** Only a reload command is known; nothing can be verified then. */
    public record Nowhere() implements Where {}

    /** What was found. */
    public sealed interface Sighting {}

    /**
     * @param image changes when the process executes itself anew; empty if hidden from us
     */
    public record Running(long pid, long startTicks, Optional<String> image) implements Sighting {}

    public record Missing(String reason) implements Sighting {}

    /** How Odoo is told to start over. */
    public enum Means {
        /** SIGHUP, or the reload command instead of it. */
        RELOAD,
        /** The restart command. */
        RESTART
    }

    /**
     * Programs for {@code /bin/sh -c}. Each finds the odoo.conf in {@code KUMKI_ODOO_CONF}.
     *
     * @param reload empty: SIGHUP
     * @param restart empty: none, and {@link Means#RESTART} fails
     */
    public record Commands(Optional<String> reload, Optional<String> restart) {}

    private static final Duration SIGNAL_DEADLINE = Duration.ofSeconds(10);

    /** A stop may wait for requests before the start. */
    private static final Duration COMMAND_DEADLINE = Duration.ofSeconds(60);

    private final Where where;
    private final Commands commands;
    private final Path conf;
    private final ProcFs proc;

    /** Pid to start: a pid that was reused by another process is thereby known. */
    private final Map<Long, String> firstSeen = new HashMap<>();

    private Optional<Running> signalled = Optional.empty();
    private boolean listenedThen;

    /**
     * @param conf the file that Odoo reads, as it was named to the agent
     */
    public OdooProcess(Where where, Commands commands, Path conf) {
        this(where, commands, conf, Path.of("/proc"));
    }

    OdooProcess(Where where, Commands commands, Path conf, Path proc) {
        this.where = where;
        this.commands = commands;
        this.conf = conf;
        this.proc = new ProcFs(proc);
    }

    /** Never signals; a pid that now belongs to another process is Missing. */
    public Sighting find() {
        return switch (where) {
            case Pid fixed -> look(fixed.pid(), "");
            case PidFile file -> read(file.path());
            case Nowhere none -> new Missing("neither pid nor pid file of Odoo is configured");
        };
    }

    /** Is there a way at all to see it? */
    public boolean isVisible() {
        return !(where instanceof Nowhere);
    }

    /** Blocks up to 60 seconds for a command. */
    public Reload tell(Means means) {
        Sighting sighting = find();
        Optional<String> command =
                switch (means) {
                    case RELOAD -> commands.reload();
                    case RESTART -> commands.restart();
                };
        if (command.isPresent()) {
            signalled = sighting instanceof Running now ? Optional.of(now) : Optional.empty();
            Map<String, String> named = Map.of("KUMKI_ODOO_CONF", conf.toString());
            return Shell.run(COMMAND_DEADLINE, named, "/bin/sh", "-c", command.get());
        }
        if (means == Means.RESTART) {
            return new Reload.Failed("no restart command is configured");
        }
        return switch (sighting) {
            case Missing missing -> new Reload.Failed(missing.reason());
            case Running odoo -> signal(odoo);
        };
    }

    /** Can it be told without being seen? */
    boolean hasCommand(Means means) {
        return means == Means.RESTART || commands.reload().isPresent();
    }

    /**
     * Names the process and the program image in it: another text means that Odoo has been started
     * or has executed itself anew. Empty if it is not seen.
     */
    String identity() {
        return find() instanceof Running now
                ? now.pid()
                        + "/"
                        + now.startTicks()
                        + "/"
                        + now.image().orElse("").replace(' ', '-')
                : "";
    }

    /** Has it executed itself or been started anew since {@link #tell}? Empty: unknown. */
    public Optional<Boolean> restarted() {
        if (signalled.isEmpty() || !(find() instanceof Running now)) {
            return Optional.empty();
        }
        Running then = signalled.get();
        if (now.pid() != then.pid() || now.startTicks() != then.startTicks()) {
            return Optional.of(true);
        }
        return now.image().flatMap(it -> then.image().map(old -> !old.equals(it)));
    }

    /**
     * Connections of Odoo and its workers to this server, also those that the server has closed
     * already and Odoo has not. Empty: unknown (no process, no right to look, a socket folder, a
     * name without address).
     */
    public OptionalInt connectionsTo(HostPort server) {
        if (server.host().startsWith("/") || !(find() instanceof Running odoo)) {
            return OptionalInt.empty();
        }
        try {
            List<InetAddress> addresses = List.of(InetAddress.getAllByName(server.host()));
            long count =
                    proc.sockets(odoo.pid()).stream()
                            .filter(it -> it.port() == server.port())
                            .filter(it -> addresses.contains(it.remote()))
                            .count();
            return OptionalInt.of((int) count);
        } catch (IOException unknown) {
            return OptionalInt.empty();
        }
    }

    /**
     * @param conf the file that we rewrite
     */
    public EndpointOverrides overrides(Path conf) {
        return switch (find()) {
            case Missing missing -> new EndpointOverrides.Unknown(missing.reason());
            case Running odoo -> EndpointOverrides.of(proc, odoo.pid(), conf);
        };
    }

    /**
     * Guards first. An Odoo that is still starting has no handler: SIGHUP would end it. A threaded
     * one that is stopping (its port closed) would be broken off by a second SIGHUP.
     */
    private Reload signal(Running odoo) {
        try {
            if (!proc.catchesHangup(odoo.pid())) {
                return new Reload.NotYet(
                        "process %d would be ended by SIGHUP: Odoo is still starting, or it is"
                                        .formatted(odoo.pid())
                                + " not Odoo");
            }
        } catch (IOException gone) {
            return new Reload.Failed("process " + odoo.pid() + " has ended");
        }
        boolean listens = listens(odoo.pid());
        if (listenedThen && !listens && restarted().equals(Optional.of(false))) {
            return new Reload.NotYet(
                    "process %d closed its port after the last SIGHUP and is still stopping"
                            .formatted(odoo.pid()));
        }
        Reload sent = Shell.run(SIGNAL_DEADLINE, Map.of(), "kill", "-HUP", "" + odoo.pid());
        if (sent instanceof Reload.Sent) {
            signalled = Optional.of(odoo);
            listenedThen = listens;
            return new Reload.Sent("SIGHUP to process " + odoo.pid());
        }
        return sent;
    }

    private boolean listens(long pid) {
        try {
            return proc.sockets(pid).stream().anyMatch(ProcFs.TcpSocket::listening);
        } catch (IOException unknown) {
            return false;
        }
    }

    private Sighting read(Path file) {
        try {
            String text = Files.readString(file).strip();
            if (!text.matches("-?[0-9]{1,18}")) {
                return new Missing("pid file " + file + " holds no number");
            }
            return look(Long.parseLong(text), Files.getLastModifiedTime(file).toString());
        } catch (IOException e) {
            return new Missing(
                    "pid file %s can't be read (%s); Odoo does not run, or has no --pidfile"
                            .formatted(file, e.getClass().getSimpleName()));
        }
    }

    /**
     * @param written changes when somebody vouched for the pid anew by writing the pid file
     */
    private Sighting look(long pid, String written) {
        if (pid <= 1 || pid == ProcessHandle.current().pid()) {
            return new Missing("pid " + pid + " can't be Odoo's");
        }
        try {
            ProcFs.Stat stat = proc.stat(pid);
            String identity = stat.startTicks() + " " + written;
            String known = firstSeen.computeIfAbsent(pid, it -> identity);
            boolean sameStart = known.startsWith(stat.startTicks() + " ");
            if (!sameStart && known.endsWith(" " + written)) {
                return new Missing("pid " + pid + " belongs to another process now");
            }
            firstSeen.put(pid, identity);
            return stat.state() == 'Z' || stat.state() == 'X'
                    ? new Missing("process " + pid + " has ended")
                    : new Running(pid, stat.startTicks(), stat.image());
        } catch (IOException gone) {
            return new Missing("there is no process " + pid);
        }
    }
}
