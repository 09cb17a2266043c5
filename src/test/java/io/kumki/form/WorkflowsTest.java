package io.kumki.form;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** GitHub's files are well formed, ask for few rights, and call only what there is. */
class WorkflowsTest {
    private static final Path FOLDER = Path.of(".github");
    private static final Pattern PINNED =
            Pattern.compile("[\\w.-]+(/[\\w.-]+)+@(v\\d+|[0-9a-f]{40})");
    private static final Pattern BUILD = Pattern.compile("\\./build ([a-z-]+)");
    private static final Pattern COMMAND = Pattern.compile("(?m)^    ([a-z][a-z-]*)( \\|.*)?\\)");
    private static final Pattern CASES = Pattern.compile("(?s)\ncase \\$command in\n(.*)\nesac");

    @Test
    void everyFileIsYaml() {
        assertThat(documents(FOLDER)).hasSizeGreaterThan(6);
    }

    @Test
    void aWorkflowMayOnlyReadUnlessOneJobNeedsMore() {
        workflows()
                .forEach(
                        (file, workflow) -> {
                            assertThat(workflow.get("permissions"))
                                    .as("permissions of %s", file)
                                    .isEqualTo(Map.of("contents", "read"));
                            jobs(workflow)
                                    .filter(job -> job.containsKey("steps"))
                                    .forEach(
                                            job ->
                                                    assertThat(job.get("timeout-minutes"))
                                                            .as(file)
                                                            .isNotNull());
                        });
    }

    @Test
    void everyActionIsPinnedAndEveryCalledWorkflowExists() {
        var used = new TreeSet<String>();
        workflows().values().forEach(w -> jobs(w).forEach(job -> collect(job, "uses", used)));

        assertThat(used)
                .isNotEmpty()
                .allSatisfy(
                        name -> {
                            if (name.startsWith("./")) {
                                assertThat(Path.of(name)).isRegularFile();
                            } else {
                                assertThat(name).matches(PINNED);
                            }
                        });
    }

    @Test
    void everyBuildCommandExists() {
        var commands = new TreeSet<String>();
        var cases = CASES.matcher(Sources.text(Path.of("build")));
        assertThat(cases.find()).isTrue();
        COMMAND.matcher(cases.group(1)).results().forEach(m -> commands.add(m.group(1)));
        var scripts = new TreeSet<String>();
        workflows().values().forEach(w -> jobs(w).forEach(job -> collect(job, "run", scripts)));
        var called = new TreeSet<String>();
        scripts.forEach(s -> BUILD.matcher(s).results().forEach(m -> called.add(m.group(1))));

        assertThat(commands).contains("verify").containsAll(called);
        assertThat(called).isNotEmpty();
    }

    private static Map<String, Map<?, ?>> workflows() {
        return documents(FOLDER.resolve("workflows"));
    }

    private static Map<String, Map<?, ?>> documents(Path folder) {
        var options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        var documents = new TreeMap<String, Map<?, ?>>();
        for (var file : files(folder)) {
            Map<?, ?> content = new Yaml(new SafeConstructor(options)).load(Sources.text(file));
            documents.put(file.toString(), content);
        }
        return documents;
    }

    private static List<Path> files(Path folder) {
        try (var files = Files.walk(folder)) {
            return files.filter(f -> f.toString().endsWith(".yml")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Map<?, ?>> jobs(Map<?, ?> workflow) {
        var jobs = new ArrayList<Map<?, ?>>();
        ((Map<?, ?>) workflow.get("jobs")).values().forEach(job -> jobs.add((Map<?, ?>) job));
        assertThat(jobs).isNotEmpty();
        return jobs.stream();
    }

    /** All values of a key, of the job itself and of its steps. */
    private static void collect(Map<?, ?> job, String key, TreeSet<String> into) {
        Optional.ofNullable(job.get(key)).ifPresent(value -> into.add(value.toString()));
        if (job.get("steps") instanceof List<?> steps) {
            steps.forEach(step -> collect((Map<?, ?>) step, key, into));
        }
    }
}
