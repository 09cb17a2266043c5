package io.kumki.form;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The list of {@code ./build mutants} is in step with the source; whether they die, it tells. */
class MutantsTest {
    private static final Path LIST = Path.of("src/test/mutants/list");

    private record Mutant(String what, Path file, String from, String to, List<String> tests) {}

    private static List<Mutant> mutants() {
        var lines = Sources.text(LIST).lines().filter(l -> !l.isEmpty() && !l.startsWith("#"));
        var all = lines.toList();
        assertThat(all.size() % 5).as("blocks of five lines").isZero();
        var mutants = new ArrayList<Mutant>();
        for (int i = 0; i < all.size(); i += 5) {
            mutants.add(
                    new Mutant(
                            all.get(i),
                            Path.of(all.get(i + 1)),
                            all.get(i + 2),
                            all.get(i + 3),
                            List.of(all.get(i + 4).split(","))));
        }
        return mutants;
    }

    @Test
    void eachReplacesOneTextOfItsFile() {
        assertThat(mutants()).hasSizeGreaterThan(20);
        for (var mutant : mutants()) {
            var text = Sources.text(mutant.file());
            int at = text.indexOf(mutant.from());
            assertThat(at).as("%s: \"%s\"", mutant.what(), mutant.from()).isNotNegative();
            assertThat(text.indexOf(mutant.from(), at + 1)).as(mutant.what()).isNegative();
            assertThat(mutant.to()).isNotEqualTo(mutant.from());
            assertThat(mutant.what()).matches("I[1-8] .+");
        }
    }

    @Test
    void eachNamesTestsThatExist() {
        var tests =
                Sources.javaUnder(Sources.TEST).stream()
                        .map(f -> f.getFileName().toString())
                        .toList();
        for (var mutant : mutants()) {
            for (var test : mutant.tests()) {
                assertThat(tests).as(mutant.what()).contains(test + ".java");
            }
        }
        assertThat(Files.isExecutable(LIST.resolveSibling("run"))).isTrue();
    }
}
