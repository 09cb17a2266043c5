package io.kumki.cluster;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The program under test: the native one that {@code KUMKI_EXECUTABLE} names in the environment, as
 * for {@code ./demo}, else the jar. It is copied first: the servers' account may not be allowed to
 * read the checkout.
 */
final class Executable {
    private static final String NATIVE = System.getenv().getOrDefault("KUMKI_EXECUTABLE", "");
    private static final Path CACHE = Commands.CHECKOUT.resolve("target/kumki.aot");

    private final Path home;

    private Executable(Path home) {
        this.home = home;
    }

    /** Copies it, and the agent's flags, to two folders below {@code home}. */
    static Executable installedIn(Path home) {
        var app = home.resolve("app");
        if (NATIVE.isEmpty()) {
            // With their times: the ahead-of-time cache (deploy/demo/quicken) knows files by them.
            Commands.run("cp", "-rp", "target/quarkus-app", app.toString());
            if (Files.exists(CACHE)) {
                Commands.run("cp", CACHE.toString(), app.toString());
            }
        } else {
            Commands.run("mkdir", app.toString());
            Commands.run("cp", NATIVE, app.resolve("kumki").toString());
        }
        Commands.run("cp", "-r", "deploy/node", home.resolve("bin").toString());
        return new Executable(home);
    }

    List<String> command(List<String> words) {
        return command(List.of(), words);
    }

    /**
     * @param properties such as {@code -Dname=value}; both kinds of program know them
     */
    List<String> command(List<String> properties, List<String> words) {
        var command = new ArrayList<String>();
        if (NATIVE.isEmpty()) {
            command.add(System.getProperty("java.home") + "/bin/java");
            command.add("@" + home.resolve("bin/agent.jvm.options"));
            var cache = home.resolve("app").resolve(CACHE.getFileName());
            if (Files.exists(cache)) {
                command.addAll(List.of("-XX:AOTCache=" + cache, "-Xlog:aot=off", "-Xlog:cds=off"));
            }
            command.addAll(properties);
            command.add("-jar");
            command.add(home.resolve("app/quarkus-run.jar").toString());
        } else {
            command.add(home.resolve("app/kumki").toString());
            command.addAll(properties);
        }
        command.addAll(words);
        return command;
    }
}
