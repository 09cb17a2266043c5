package io.kumki.adapter.odoo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What in a running Odoo's environment and command line defeats odoo.conf: Odoo takes the command
 * line first, then the environment, then the file.
 */
public sealed interface EndpointOverrides {
    /**
     * @param found one sentence each, without secrets; empty: nothing defeats the file
     */
    record Known(List<String> found) implements EndpointOverrides {
        public Known {
            found = List.copyOf(found);
        }
    }

    /** Could not be read, which is not the same as none. */
    record Unknown(String reason) implements EndpointOverrides {}

    /** Odoo's optparse also takes every unambiguous beginning of a long option. */
    Pattern OPTION =
            Pattern.compile(
                    "--(db_h(?:o(?:s(?:t)?)?)?|db_po(?:r(?:t)?)?"
                            + "|db_replica_h(?:o(?:s(?:t)?)?)?|db_replica_p(?:o(?:r(?:t)?)?)?)"
                            + "(=.*)?",
                    Pattern.DOTALL);

    Pattern CONFIG = Pattern.compile("(?:--con(?:f(?:i(?:g)?)?)?=?|-c)(.*)", Pattern.DOTALL);

    /** Set but empty counts too: Odoo then takes the empty value. */
    Pattern VARIABLE = Pattern.compile("(PG(?:HOST|PORT)(?:_REPLICA)?)=(.*)", Pattern.DOTALL);

    /**
     * @param conf the file that we rewrite
     */
    static EndpointOverrides of(ProcFs proc, long pid, Path conf) {
        try {
            List<String> arguments = proc.texts(pid, "cmdline");
            List<String> environment = proc.texts(pid, "environ");
            List<String> found = new ArrayList<>();
            inArguments(arguments, found);
            inEnvironment(environment, found);
            otherFile(arguments, environment)
                    .filter(it -> !isSame(proc, pid, it, conf))
                    .ifPresent(it -> found.add("Odoo reads " + it + ", not " + conf));
            return new Known(found);
        } catch (IOException e) {
            return new Unknown(
                    "environment and command line of process %d can't be read (%s)"
                            .formatted(pid, e.getClass().getSimpleName()));
        }
    }

    private static void inArguments(List<String> arguments, List<String> found) {
        for (int i = 1; i < arguments.size(); i++) {
            Matcher option = OPTION.matcher(arguments.get(i));
            if (option.matches()) {
                boolean apart = option.group(2) == null && i + 1 < arguments.size();
                String value = apart ? " " + arguments.get(i + 1) : "";
                found.add("command line has " + arguments.get(i) + value);
            }
        }
    }

    private static void inEnvironment(List<String> environment, List<String> found) {
        for (String it : environment) {
            if (VARIABLE.matcher(it).matches()) {
                found.add("environment has " + it);
            }
        }
    }

    private static Optional<String> otherFile(List<String> arguments, List<String> environment) {
        for (int i = 1; i < arguments.size(); i++) {
            Matcher option = CONFIG.matcher(arguments.get(i));
            if (option.matches() && !option.group(1).isEmpty()) {
                return Optional.of(option.group(1));
            }
            if (option.matches() && i + 1 < arguments.size()) {
                return Optional.of(arguments.get(i + 1));
            }
        }
        return environment.stream()
                .filter(it -> it.startsWith("ODOO_RC=") && it.length() > 8)
                .map(it -> it.substring(8))
                .findFirst();
    }

    /** Looked at through the process's own root and folder: it may live in another container. */
    private static boolean isSame(ProcFs proc, long pid, String named, Path conf) {
        try {
            Path path = Path.of(named);
            Path seen =
                    path.isAbsolute()
                            ? proc.file(pid, "root").resolve(path.toString().substring(1))
                            : proc.file(pid, "cwd").resolve(path);
            return Files.isSameFile(seen, conf);
        } catch (IOException notVisible) {
            return Path.of(named).toAbsolutePath().normalize().equals(conf.toAbsolutePath());
        }
    }

    default String summary() {
        return switch (this) {
            case Known known -> known.found().stream().collect(Collectors.joining("; ", "", ""));
            case Unknown unknown -> unknown.reason();
        };
    }
}
