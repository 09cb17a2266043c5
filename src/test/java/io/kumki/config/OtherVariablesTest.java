package io.kumki.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What others put into the environment stops no agent; a slip still does. */
class OtherVariablesTest {
    private static final Pattern VARIABLE = Pattern.compile("\\bKUMKI_[A-Z][A-Z0-9_]*[A-Z0-9]\\b");

    private static boolean taken(String name, String value) {
        var sources = new Sources();
        sources.environment(Map.of(name, value));
        return sources.problems().isEmpty();
    }

    @Test
    void eachVariableThatOurOwnFilesNameIsTaken() throws IOException {
        var named = new TreeSet<String>();
        for (var root : Set.of("deploy", "docs", "build", "demo", ".env.example")) {
            named.addAll(variables(Path.of(root)));
        }
        named.addAll(variables(Path.of("docker-compose.yml")));
        named.addAll(variables(Path.of("README.md")));
        // The examples of CONFIGURATION.md, of any key and of a slip.
        named.removeAll(Set.of("KUMKI_KEY"));
        assertThat(named).hasSizeGreaterThan(60).contains("KUMKI_IMAGE", "KUMKI_MEMORY");
        assertThat(named)
                .as("a new variable of ours that is no key belongs into OtherVariables.OURS")
                .allMatch(name -> taken(name, "1"));
    }

    private static Set<String> variables(Path root) throws IOException {
        var found = new TreeSet<String>();
        try (var files = Files.walk(root)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                var text = Files.readString(file);
                VARIABLE.matcher(text).results().forEach(r -> found.add(r.group()));
            }
        }
        return found;
    }

    @ParameterizedTest
    @CsvSource({
        "KUMKI_PORT, tcp://10.96.0.7:8008",
        "KUMKI_SERVICE_HOST, 10.96.0.7",
        "KUMKI_SERVICE_HOST, fd00::7",
        "KUMKI_SERVICE_PORT, 8008",
        "KUMKI_SERVICE_PORT_HTTP, 8008",
        "KUMKI_SERVICE_PORT_PG_RW, 5432",
        "KUMKI_PORT_8008_TCP, tcp://10.96.0.7:8008",
        "KUMKI_PORT_8008_TCP_PROTO, tcp",
        "KUMKI_PORT_8008_TCP_PORT, 8008",
        "KUMKI_PORT_8008_TCP_ADDR, 10.96.0.7",
        "KUMKI_PORT_53_UDP, udp://10.96.0.7:53",
        "KUMKI_GATEWAY_RW_PORT, tcp://10.96.0.7:5433",
        "KUMKI_GATEWAY_RW_SERVICE_HOST, 10.96.0.7",
        "KUMKI_N1_PORT_5432_TCP_ADDR, 10.96.0.7"
    })
    void whatKubernetesPutsThereIsTaken(String name, String value) {
        assertThat(taken(name, value)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "KUMKI_PORT, 8008",
        "KUMKI_LISTEN_PORT, 8008",
        "KUMKI_TTLL, 3s",
        "KUMKI_TOKENFILE, /etc/token",
        "KUMKI_PEER, n1=a:1",
        "KUMKI_MEMORYS, 1",
        "KUMKI_SERVICE, kumki"
    })
    void aSlipIsRefused(String name, String value) {
        assertThat(taken(name, value)).isFalse();
    }
}
