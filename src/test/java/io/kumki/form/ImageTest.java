package io.kumki.form;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the container images are told to start is where jib puts it. */
class ImageTest {
    /** JibProcessor of Quarkus: not to be chosen, whatever the working directory is. */
    private static final String NATIVE = "/work/application";

    private static final Path JIB = Path.of("src/main/jib");
    private static final Path PROGRAM = JIB.resolve("usr/local/bin/kumki");
    private static final Pattern ASSIGNED = Pattern.compile("(?m)^(home|native)=(\\S+)$");
    private static final Pattern OPTIONS = Pattern.compile("\\$home/([a-z]+\\.jvm\\.options)");

    @Test
    void aNativeImageStartsTheExecutableWhereJibPutsIt() throws IOException {
        assertThat(properties().getProperty("quarkus.jib.native-entrypoint")).isEqualTo(NATIVE);
        assertThat(assigned("native")).isEqualTo(NATIVE);
        assertThat(Sources.text(PROGRAM)).contains("exec \"$native\" \"$@\"");
    }

    @Test
    void aJvmImageStartsTheScriptThatStandsInIt() throws IOException {
        var properties = properties();
        var entry = properties.getProperty("quarkus.jib.jvm-entrypoint");

        assertThat(JIB.resolve(entry.substring(1))).isExecutable().isEqualByComparingTo(PROGRAM);
        // Jib puts a jar's files into the working directory.
        assertThat(assigned("home"))
                .isEqualTo(properties.getProperty("quarkus.jib.working-directory"));
    }

    @Test
    void everyFileOfFlagsStandsInTheImage() {
        var folder = JIB.resolve(assigned("home").substring(1));
        var names = OPTIONS.matcher(Sources.text(PROGRAM)).results().map(m -> m.group(1)).toList();

        assertThat(names).isNotEmpty().allSatisfy(n -> assertThat(folder.resolve(n)).isReadable());
    }

    /** The health check of every compose file, and the image made without jib, start the same. */
    @Test
    void healthChecksAndTheDockerfileUseThatScript() throws IOException {
        var dockerfile = Sources.text(Path.of("deploy/image/Dockerfile"));

        assertThat(dockerfile)
                .contains("ENTRYPOINT [\"/" + JIB.relativize(PROGRAM) + "\"]")
                .contains("WORKDIR " + assigned("home"));
        assertThat(composeFiles())
                .isNotEmpty()
                .noneMatch(file -> Sources.text(file).contains("/opt/kumki/application"));
    }

    /** Not by a walk over everything: below target the tests themselves write meanwhile. */
    private static List<Path> composeFiles() throws IOException {
        try (var top = Files.list(Path.of("."));
                var deployed = Files.walk(Path.of("deploy"))) {
            return Stream.concat(top, deployed).filter(f -> f.toString().endsWith(".yml")).toList();
        }
    }

    private static String assigned(String name) {
        return ASSIGNED.matcher(Sources.text(PROGRAM))
                .results()
                .filter(m -> m.group(1).equals(name))
                .map(m -> m.group(2))
                .findFirst()
                .orElseThrow();
    }

    private static Properties properties() throws IOException {
        var properties = new Properties();
        var file = Path.of("src/main/resources/application.properties");
        properties.load(new StringReader(Sources.text(file)));
        return properties;
    }
}
