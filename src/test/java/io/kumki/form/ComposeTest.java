package io.kumki.form;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The compose stack's variables and their documentation, .env.example, say the same. */
class ComposeTest {
    private static final Pattern USED =
            Pattern.compile("\\$\\{([A-Z0-9_]+)(?::?-((?:[^{}]|\\{[^}]*})*))?}");
    private static final Pattern TOLD = Pattern.compile("(?m)^#([A-Z0-9_]+)=(.*)$");

    /** Compose's own; and a default that is the name of a volume says nothing to an operator. */
    private static final Set<String> OWN = Set.of("COMPOSE_PROJECT_NAME", "COMPOSE_PROFILES");

    private static final Set<String> VOLUMES = Set.of("odoo_conf", "odoo_addons", "backup_data");

    @Test
    void everyVariableIsDocumentedWithItsDefault() throws IOException {
        var told = told();
        told.keySet().removeAll(OWN);
        assertThat(used()).isNotEmpty().isEqualTo(told);
    }

    @Test
    void everyImageCanBeReplaced() throws IOException {
        assertThat(Files.readAllLines(Path.of("docker-compose.yml")))
                .filteredOn(line -> line.strip().startsWith("image:"))
                .isNotEmpty()
                .allMatch(line -> line.strip().matches("image: \\$\\{[A-Z_]+_IMAGE:-[^}]+}"));
    }

    @Test
    void everyPortIsPublishedWhereTheOperatorSays() throws IOException {
        assertThat(Files.readAllLines(Path.of("docker-compose.yml")))
                .filteredOn(
                        line ->
                                line.strip().matches("- \"?[^\"]*:\\d+\"?")
                                        && line.contains("PORT"))
                .isNotEmpty()
                .allMatch(line -> line.strip().startsWith("- \"${BIND:-127.0.0.1}:"));
    }

    private static Map<String, String> used() throws IOException {
        var used = new TreeMap<String, String>();
        var matcher = USED.matcher(Files.readString(Path.of("docker-compose.yml")));
        while (matcher.find()) {
            var standard = matcher.group(2) == null ? "" : matcher.group(2);
            var before = used.put(matcher.group(1), VOLUMES.contains(standard) ? "" : standard);
            assertThat(before).as(matcher.group(1)).isIn(null, used.get(matcher.group(1)));
        }
        return used;
    }

    private static Map<String, String> told() throws IOException {
        var told = new TreeMap<String, String>();
        var matcher = TOLD.matcher(Files.readString(Path.of(".env.example")));
        while (matcher.find()) {
            assertThat(told.put(matcher.group(1), matcher.group(2))).as(matcher.group()).isNull();
        }
        return told;
    }
}
