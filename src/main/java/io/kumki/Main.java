package io.kumki;

import io.kumki.cli.KumkiCommand;
import io.quarkus.runtime.annotations.QuarkusMain;
import picocli.CommandLine;

/** One binary: picocli decides; only {@code agent} starts Quarkus. */
@QuarkusMain
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new KumkiCommand()).execute(args));
    }
}
