package io.kumki.bench;

import io.kumki.support.PostgresPrograms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** What the figures were measured on, as the kernel tells it. */
final class Machine {
    private static final Path PROC = Path.of("/proc");

    private Machine() {}

    static String description() {
        var model =
                lines(PROC.resolve("cpuinfo")).stream()
                        .filter(l -> l.startsWith("model name"))
                        .findFirst()
                        .map(l -> l.substring(l.indexOf(':') + 2))
                        .orElse("unknown processor");
        var memory = lines(PROC.resolve("meminfo")).getFirst().replaceAll("\\D+", "");
        return "%d cores (%s), %d MB, Linux %s, Java %s, %s"
                .formatted(
                        Runtime.getRuntime().availableProcessors(),
                        model,
                        Long.parseLong(memory) / 1024,
                        System.getProperty("os.version"),
                        System.getProperty("java.version"),
                        Command.of(PostgresPrograms.program("postgres"), "--version")
                                .run(5)
                                .strip());
    }

    /** The load average of the last minute. */
    static double load() {
        return Double.parseDouble(lines(PROC.resolve("loadavg")).getFirst().split(" ")[0]);
    }

    static String loadText() {
        return String.format(Locale.ROOT, "%.1f", load());
    }

    /** Processes that work in a folder: all of one PostgreSQL server's. */
    static List<Long> processesIn(Path folder) {
        try (var pids = Files.list(PROC)) {
            return pids.filter(p -> p.getFileName().toString().matches("\\d+"))
                    .filter(p -> worksIn(p, folder))
                    .map(p -> Long.parseLong(p.getFileName().toString()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean worksIn(Path process, Path folder) {
        try {
            return Files.readSymbolicLink(process.resolve("cwd")).equals(folder);
        } catch (IOException gone) {
            return false;
        }
    }

    /** The process and all below it that are no PostgreSQL. */
    static List<Long> family(long pid) {
        var below =
                ProcessHandle.of(pid).stream()
                        .flatMap(ProcessHandle::descendants)
                        .map(ProcessHandle::pid)
                        .filter(p -> !name(p).equals("postgres"));
        return Stream.concat(Stream.of(pid), below).toList();
    }

    private static String name(long pid) {
        return lines(PROC.resolve(pid + "/comm")).stream().findFirst().orElse("");
    }

    /** Seconds of processor time, of the children that it waited for too; 0 if it is gone. */
    static double processorSeconds(long pid) {
        var stat = lines(PROC.resolve(pid + "/stat"));
        if (stat.isEmpty()) {
            return 0;
        }
        var fields = stat.getFirst().substring(stat.getFirst().lastIndexOf(')') + 2).split(" ");
        long clockTicks = 0;
        for (int field = 11; field <= 14; field++) {
            clockTicks += Long.parseLong(fields[field]);
        }
        return clockTicks / 100.0;
    }

    /** Resident memory in MB; 0 if the process is gone. */
    static double residentMegabytes(long pid) {
        return lines(PROC.resolve(pid + "/status")).stream()
                .filter(l -> l.startsWith("VmRSS"))
                .mapToDouble(l -> Double.parseDouble(l.replaceAll("\\D+", "")) / 1024)
                .sum();
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException gone) {
            return List.of();
        }
    }

    /** Waits until the condition holds; throws when it does not within the seconds. */
    static void await(String what, int seconds, BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("waited " + seconds + " s in vain for " + what);
            }
            sleep(20);
        }
    }

    static void sleep(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }
}
