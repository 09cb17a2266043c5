package io.kumki.form;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The form of the code (STYLE 2, "What we aim at"): what neither formatter nor compiler asks. */
class TidyTest {
    private static final int COLUMNS = 100;
    private static final int FILE_LINES = 400;
    private static final int METHOD_LINES = 60;

    private static final Pattern TYPE = Pattern.compile(".*\\b(class|record|interface|enum) .*");

    private static final Pattern FORBIDDEN_NAME =
            Pattern.compile("(?i).*(utils?|common|impl|manager|helper)");

    /** Nothing but a piece of text, which reads better whole; a formatter leaves it alone too. */
    private static final Pattern TEXT = Pattern.compile("\\s*[+:?]?\\s*\".{1,100}\"[,;)]*");

    private static final Pattern TODO = Pattern.compile("\\b(TODO|FIXME|XXX)\\b(?!.*#\\d+)");

    @Test
    void linesAreShortEnough() {
        assertThat(linesWhere(line -> line.length() > COLUMNS && !TEXT.matcher(line).matches()))
                .isEmpty();
    }

    @Test
    void filesAreShortEnough() {
        assertThat(Sources.java()).filteredOn(f -> Sources.lines(f).size() > FILE_LINES).isEmpty();
    }

    @Test
    void methodsAreShortEnough() {
        var tooLong =
                Sources.java().stream()
                        .flatMap(f -> longMethods(f, Sources.lines(f)).stream())
                        .toList();

        assertThat(tooLong).isEmpty();
    }

    @Test
    void theMethodRuleBites() {
        var lines = new ArrayList<String>();
        lines.add("    void longOne() {");
        IntStream.range(0, METHOD_LINES - 1).forEach(i -> lines.add("        step();"));
        lines.add("    }");

        assertThat(longMethods(Path.of("Planted.java"), lines)).hasSize(1);
        lines.remove(1);
        assertThat(longMethods(Path.of("Planted.java"), lines)).isEmpty();
    }

    @Test
    void importsAreNamedOneByOne() {
        assertThat(linesWhere(line -> line.matches("import .*\\*;"))).isEmpty();
    }

    @Test
    void onlyTheCommandLineWritesToTheTerminal() {
        assertThat(linesWhere(line -> line.contains("System." + "out.")))
                .filteredOn(where -> where.startsWith(Sources.MAIN.toString()))
                .filteredOn(where -> !where.contains("/cli/"))
                .isEmpty();
    }

    @Test
    void whatIsLeftToDoHasAnIssue() {
        assertThat(linesWhere(TODO.asPredicate()))
                .filteredOn(where -> !where.contains("TidyTest.java"))
                .isEmpty();
    }

    @Test
    void namesSayWhatAThingIs() {
        for (var file : Sources.java()) {
            for (var part : file) {
                assertThat(part.toString().replace(".java", ""))
                        .as(file.toString())
                        .doesNotMatch(FORBIDDEN_NAME);
            }
        }
    }

    private static List<String> linesWhere(Predicate<String> wrong) {
        var found = new ArrayList<String>();
        for (var file : Sources.java()) {
            var lines = Sources.lines(file);
            for (int i = 0; i < lines.size(); i++) {
                if (wrong.test(lines.get(i))) {
                    found.add(file + ":" + (i + 1) + ": " + lines.get(i).strip());
                }
            }
        }
        return found;
    }

    /**
     * The formatter indents: a member ends at its brace, and begins at the last line so far out.
     */
    private static List<String> longMethods(Path file, List<String> lines) {
        var found = new ArrayList<String>();
        for (var margin : List.of(" ".repeat(4), " ".repeat(8))) {
            var member = Pattern.compile(margin + "[^ @}*/)].*");
            int start = 0;
            for (int i = 0; i < lines.size(); i++) {
                boolean ends = lines.get(i).equals(margin + "}") && i - start >= METHOD_LINES;
                if (ends && !TYPE.matcher(lines.get(start)).matches()) {
                    found.add(file + ":" + (start + 1) + ": " + (i - start + 1) + " lines");
                }
                if (member.matcher(lines.get(i)).matches()) {
                    start = i;
                }
            }
        }
        return found;
    }
}
