package io.kumki.form;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.Episode.Cause;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Whoever is woken finds a chapter: for each alert of the agents and of Prometheus. */
class RunbookTest {
    private static final Path RUNBOOK = Path.of("docs/RUNBOOK.md");
    private static final Path API = Path.of("docs/API.md");
    private static final Path ALERTS = Sources.MAIN.resolve("io/kumki/adapter/alert");

    private static final Pattern EVENT = Pattern.compile("Alert\\.of\\(\\s*\"([a-z-]+)\"");
    private static final Pattern JOB = Pattern.compile("job\\(view, \"([a-z]+)\"\\)");
    private static final Pattern ENDING = Pattern.compile("job \\+ \"(-[a-z]+)\"");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");
    private static final Pattern ANCHOR = Pattern.compile("<a id=\"([a-z-]+)\"></a>");
    private static final Pattern LINK = Pattern.compile("\\]\\(#([a-z-]+)\\)");
    private static final Pattern RULE_LINK = Pattern.compile("docs/RUNBOOK\\.md#([a-z-]+)");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (`Kumki|\\| `[a-z]).*$");
    private static final Pattern NAME = Pattern.compile("`([A-Za-z-]+)`");

    @Test
    void everyEventHasAnAnchorARowAndAWordInTheApi() {
        assertThat(anchors()).containsAll(events());
        assertThat(named()).containsAll(events());
        assertThat(Sources.text(API).replace("clone-...", "clone-begun clone-done clone-failed"))
                .contains(events());
    }

    @Test
    void everyRuleHasARowAndLeadsToAChapter() {
        for (var alert : MonitoringTest.alerts().entrySet()) {
            var link = RULE_LINK.matcher(alert.getValue());
            assertThat(link.find()).as(alert.getKey()).isTrue();
            assertThat(anchors()).as(alert.getKey()).contains(link.group(1));
            assertThat(named()).contains(alert.getKey());
        }
    }

    @Test
    void noRowIsOfAnAlertThatIsNoMore() {
        var known = new TreeSet<>(events());
        known.addAll(MonitoringTest.alerts().keySet());
        assertThat(known).containsAll(named());
    }

    @Test
    void noLinkLeadsNowhere() {
        var links = all(LINK, Sources.text(RUNBOOK));
        assertThat(links).hasSizeGreaterThan(20);
        assertThat(anchors()).containsAll(links);
    }

    /** The jobs' events are put together from two words, those of receipts are causes. */
    private static Set<String> events() {
        var events = new TreeSet<String>();
        for (var file : Sources.javaUnder(ALERTS)) {
            var text = Sources.text(file);
            events.addAll(all(EVENT, text));
            for (var job : all(JOB, text)) {
                all(ENDING, text).forEach(ending -> events.add(job + ending));
            }
        }
        for (var cause : Cause.values()) {
            events.add(cause.name().toLowerCase(Locale.ROOT));
        }
        assertThat(events).hasSizeGreaterThan(25).contains("clone-failed", "no-leader");
        return events;
    }

    /** As a page makes them from headings, and those set by hand. */
    private static Set<String> anchors() {
        var text = Sources.text(RUNBOOK);
        var anchors = new TreeSet<>(all(ANCHOR, text));
        for (var heading : all(HEADING, text)) {
            anchors.add(heading.toLowerCase(Locale.ROOT).replace(' ', '-'));
        }
        return anchors;
    }

    /** The alerts in the first two columns of the table of all. */
    private static Set<String> named() {
        var names = new TreeSet<String>();
        ROW.matcher(Sources.text(RUNBOOK))
                .results()
                .map(row -> row.group().split("\\[")[0])
                .filter(row -> row.chars().filter(c -> c == '|').count() == 3)
                .forEach(row -> names.addAll(all(NAME, row)));
        return names;
    }

    private static Set<String> all(Pattern pattern, String text) {
        var found = new TreeSet<String>();
        pattern.matcher(text).results().forEach(result -> found.add(result.group(1)));
        return found;
    }
}
