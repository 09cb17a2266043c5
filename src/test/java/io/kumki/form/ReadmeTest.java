package io.kumki.form;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Readers of both languages get the same commands, names, ports and links. */
class ReadmeTest {
    private static final Path ENGLISH = Path.of("README.md");
    private static final Path VIETNAMESE = Path.of("README_VN.md");

    private static final Pattern CODE = Pattern.compile("`([^`\n]+)`");
    private static final Pattern COMMAND = Pattern.compile("(?m)^ {4}((?:\\./|docker )[^#\n]+)");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)]+)\\)");
    private static final Pattern NUMBER = Pattern.compile("\\b\\d{4}\\b");
    private static final Pattern CHAPTER = Pattern.compile("(?m)^## ");
    private static final Pattern ROW = Pattern.compile("(?m)^\\|");

    @Test
    void bothSayTheSameCommandsNamesAndPorts() {
        for (var pattern : List.of(CODE, COMMAND, NUMBER)) {
            assertThat(all(pattern, VIETNAMESE))
                    .as("README_VN.md against README.md: edit both; " + pattern)
                    .isNotEmpty()
                    .isEqualTo(all(pattern, ENGLISH));
        }
    }

    @Test
    void bothHaveTheSameChaptersAndRows() {
        for (var pattern : List.of(CHAPTER, ROW)) {
            assertThat(count(pattern, VIETNAMESE))
                    .as("README_VN.md against README.md: edit both; " + pattern)
                    .isPositive()
                    .isEqualTo(count(pattern, ENGLISH));
        }
    }

    @Test
    void bothLeadToTheSameFilesAndToEachOther() {
        var links = all(LINK, VIETNAMESE);
        var others = all(LINK, ENGLISH);
        assertThat(links.remove(ENGLISH.toString())).isTrue();
        assertThat(others.remove(VIETNAMESE.toString())).isTrue();
        assertThat(links)
                .hasSizeGreaterThan(10)
                .isEqualTo(others)
                .allSatisfy(link -> assertThat(Path.of(link)).exists());
    }

    private static TreeSet<String> all(Pattern pattern, Path file) {
        var found = new TreeSet<String>();
        pattern.matcher(Sources.text(file))
                .results()
                .forEach(r -> found.add(r.group(r.groupCount()).strip()));
        return found;
    }

    private static long count(Pattern pattern, Path file) {
        return pattern.matcher(Sources.text(file)).results().count();
    }
}
