package io.kumki.form;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.kumki.core.model.Rule;
import io.kumki.wire.Json;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What Prometheus' rules and Grafana's board ask for exists; promtool says how they behave. */
class MonitoringTest {
    private static final Path FOLDER = Path.of("deploy/monitoring");
    private static final Path RULES = FOLDER.resolve("rules/kumki.yml");
    private static final Path TESTS = FOLDER.resolve("rules/kumki_test.yml");
    private static final Path BOARD = FOLDER.resolve("grafana/dashboards/kumki.json");
    private static final Path METRICS = Path.of("docs/METRICS.md");

    private static final Pattern METRIC = Pattern.compile("\\bkumki_[a-z_]*[a-z]");
    private static final Pattern DOCUMENTED = Pattern.compile("(?m)^\\| `(kumki_[a-z_]+)`");
    private static final Pattern SUMMARY = Pattern.compile("_(sum|count|max)$");
    private static final Pattern ALERT = Pattern.compile("(?m)^ +- alert: (\\w+)$");
    private static final Pattern RULE = Pattern.compile("\\b[A-Z]\\d\\d-[a-z-]+");

    @Test
    void everyMetricOfRulesAndBoardIsDocumented() {
        var documented = new TreeSet<>(all(DOCUMENTED, METRICS));
        assertThat(documented).hasSizeGreaterThan(20);
        for (var file : List.of(RULES, TESTS, BOARD)) {
            var asked = all(METRIC, file).stream().filter(m -> !m.equals("kumki_test")).toList();
            assertThat(asked)
                    .as(file.toString())
                    .isNotEmpty()
                    .allSatisfy(
                            name ->
                                    assertThat(documented)
                                            .containsAnyOf(
                                                    name, SUMMARY.matcher(name).replaceAll("")));
        }
    }

    @Test
    void everyRuleThatIsAskedForExists() {
        var known = Arrays.stream(Rule.values()).map(Rule::id).toList();
        for (var file : List.of(RULES, TESTS, BOARD)) {
            assertThat(known).as(file.toString()).containsAll(all(RULE, file));
        }
    }

    @Test
    void everyAlertIsCompleteAndIsSeenToFireInATest() {
        var tests = Sources.text(TESTS);
        for (var alert : alerts().entrySet()) {
            assertThat(alert.getValue())
                    .as(alert.getKey())
                    .containsPattern("severity: (critical|warning|info)")
                    .contains("summary: ", "description: ", "runbook: docs/RUNBOOK.md#");
            assertThat(tests)
                    .as("%s in %s", alert.getKey(), TESTS)
                    .containsPattern(
                            "alertname=\"%1$s\"[^\n]*value: [1-9]|alertname: %1$s\n"
                                    .formatted(alert.getKey()));
        }
    }

    @Test
    void thePanelsOfTheBoardHaveTheirOwnPlaceAndAskForOneCluster() {
        var board = Json.read(Sources.text(BOARD), JsonNode.class);
        var places = new HashMap<String, String>();
        var ids = new HashSet<Integer>();
        for (var panel : board.path("panels")) {
            var title = panel.path("title").asText();
            assertThat(ids.add(panel.path("id").asInt())).as("id of \"%s\"", title).isTrue();
            var place = panel.path("gridPos");
            assertThat(place.path("x").asInt() + place.path("w").asInt()).isBetween(1, 24);
            for (int x = 0; x < place.path("w").asInt(); x++) {
                for (int y = 0; y < place.path("h").asInt(); y++) {
                    var cell = "%d/%d".formatted(left(place) + x, place.path("y").asInt() + y);
                    assertThat(places.put(cell, title)).as("%s on %s", title, cell).isNull();
                }
            }
            panel.path("targets")
                    .forEach(
                            target ->
                                    assertThat(target.path("expr").asText())
                                            .as(title)
                                            .contains("cluster=\"$cluster\""));
        }
        assertThat(ids).hasSizeGreaterThan(20);
    }

    private static int left(JsonNode place) {
        return place.path("x").asInt();
    }

    /** By name: the alert's lines in the rules. */
    static Map<String, String> alerts() {
        var text = Sources.text(RULES);
        var found = new HashMap<String, String>();
        var starts = ALERT.matcher(text).results().toList();
        for (int i = 0; i < starts.size(); i++) {
            int end = i + 1 < starts.size() ? starts.get(i + 1).start() : text.length();
            found.put(starts.get(i).group(1), text.substring(starts.get(i).start(), end));
        }
        assertThat(found).hasSizeGreaterThan(15);
        return found;
    }

    private static List<String> all(Pattern pattern, Path file) {
        return pattern.matcher(Sources.text(file))
                .results()
                .map(result -> result.group(result.groupCount()))
                .toList();
    }
}
