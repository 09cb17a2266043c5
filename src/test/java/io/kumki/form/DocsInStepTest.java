package io.kumki.form;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the documents say of the code is what the code says. */
class DocsInStepTest {
    private static final Path STATES = Path.of("docs/STATES.md");
    private static final Path METRICS = Path.of("docs/METRICS.md");
    private static final Pattern METRIC = Pattern.compile("\"(kumki[_.][a-z_.]+)\"");

    /** Letters of the ids, in the order in which they are read. */
    private enum Group {
        W("A witness"),
        B("A new cluster: the register is blank"),
        L("The lease is ours"),
        Y("Synchronous replication, while the lease is ours"),
        S("A planned switchover, on the leader"),
        F("Another node leads"),
        V("The lease is free"),
        C("The lease is free and our server is a standby: who is promoted"),
        A("No majority of voters, and no lease");

        private final String title;

        Group(String title) {
            this.title = title;
        }
    }

    @Test
    void statesAreWrittenFromTheRules() throws IOException {
        var expected = states();
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(STATES, expected);
        }

        assertThat(STATES)
                .as("run with -Ddocs.write=true to write it anew")
                .exists()
                .hasContent(expected);
    }

    @Test
    void everyRuleBelongsToAGroup() {
        for (var rule : Rule.values()) {
            assertThat(Group.values())
                    .as(rule.id())
                    .extracting(Group::name)
                    .contains(rule.id().substring(0, 1));
            assertThat(rule.name())
                    .startsWith(rule.id().substring(0, 3))
                    .isEqualTo(rule.id().toUpperCase(Locale.ROOT).replace('-', '_'));
        }
    }

    @Test
    void everyRuleIsNamedByATest() {
        var tests = new StringBuilder();
        Sources.javaUnder(Sources.TEST).forEach(f -> tests.append(Sources.text(f)));
        var unnamed =
                Arrays.stream(Rule.values())
                        .filter(r -> tests.indexOf("Rule." + r.name()) < 0)
                        .filter(r -> tests.indexOf("\"" + r.id() + "\"") < 0)
                        .toList();

        assertThat(unnamed).isEmpty();
    }

    @Test
    void everyRuleIsDecidedSomewhere() {
        var policy = new StringBuilder();
        Sources.javaUnder(Sources.MAIN.resolve("io/kumki/core/policy"))
                .forEach(f -> policy.append(Sources.text(f)));
        var dead =
                Arrays.stream(Rule.values())
                        .filter(r -> policy.indexOf("Rule." + r.name()) < 0)
                        .toList();

        assertThat(dead).isEmpty();
    }

    @Test
    void everyMetricIsDocumented() {
        var names = new TreeSet<String>();
        for (var file : Sources.javaUnder(Sources.MAIN)) {
            var text = Sources.text(file);
            var found = METRIC.matcher(text);
            while (text.contains("io.micrometer") && found.find()) {
                names.add(found.group(1).replace('.', '_'));
            }
        }
        if (Files.exists(METRICS)) {
            var documented = Sources.text(METRICS);
            assertThat(names).allSatisfy(name -> assertThat(documented).contains(name));
        }
    }

    private static String states() {
        var text = new StringBuilder();
        text.append(
                """
                # States

                Made from `io.kumki.core.model.Rule`; don't edit. `mvn test -Dtest=DocsInStepTest \
                -Ddocs.write=true` writes it.

                Each tick ends in one decision, and each decision names the rule that made it. The \
                same id stands in the
                log, in `kumki status`, in the metric `kumki_decisions_total`, in alerts and in \
                the tests. No state is without an
                exit: the last column tells what ends it.
                """);
        for (var group : Group.values()) {
            text.append("\n## ").append(group.title).append("\n\n");
            text.append("| rule | when, and what for | what ends it |\n| --- | --- | --- |\n");
            Arrays.stream(Rule.values())
                    .filter(r -> r.id().startsWith(group.name()))
                    .sorted(Comparator.comparing(Rule::id))
                    .forEach(r -> text.append(row(r)));
        }
        return text.toString();
    }

    private static String row(Rule rule) {
        return "| `%s` | %s | %s |\n".formatted(rule.id(), rule.meaning(), rule.wayOut());
    }
}
