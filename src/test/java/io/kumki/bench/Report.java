package io.kumki.bench;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

/** What a benchmark found: said at once, and written to bench/results at the end. */
final class Report {
    private static final Path RESULTS = Path.of("bench", "results");
    private static final PrintStream OUT =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);

    private final String name;
    private final String command;
    private final List<String> lines = new ArrayList<>();

    Report(String name, String command) {
        this.name = name;
        this.command = command;
    }

    /** Progress: for whoever watches, not kept. */
    static void say(String line) {
        OUT.println(line);
    }

    void add(String line) {
        lines.add(line);
        say(line);
    }

    /** A table's head, for figures that {@link Figures#cells()} writes. */
    void table(String first) {
        add("| " + first + " | median | min | max |");
        add("|---|---|---|---|");
    }

    void row(String what, Figures figures) {
        add("| " + what + " | " + figures.cells() + " |");
    }

    /** Says whether a figure keeps to a bound, in seconds. */
    void bound(String what, double found, double bound) {
        var verdict = found <= bound ? "met" : "NOT MET";
        add("%n%s: median %.3f s, bound %.3f s: **%s**".formatted(what, found, bound, verdict));
    }

    Path write() throws IOException {
        Files.createDirectories(RESULTS);
        var file = RESULTS.resolve(LocalDate.now() + "-" + name + ".md");
        var text = new ArrayList<>(List.of("# " + name, "", "`" + command + "`", ""));
        var executable = System.getenv("KUMKI_EXECUTABLE");
        text.add(
                Machine.description()
                        + (executable == null ? "." : ". The program is " + executable + "."));
        text.add("");
        text.addAll(lines);
        Files.write(file, text);
        say("written: " + file);
        return file;
    }
}
