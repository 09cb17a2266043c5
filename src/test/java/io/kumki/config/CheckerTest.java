package io.kumki.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kumki.core.model.HostPort;
import io.kumki.core.model.Mode;
import io.kumki.core.model.NodeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckerTest {
    @TempDir private Path folder;
    private Path token;

    @BeforeEach
    void writeToken() throws IOException {
        token = Files.writeString(folder.resolve("token"), "a-secret-of-this-test\n");
    }

    private Path file(String... more) throws IOException {
        var lines =
                """
                # a comment
                node = n1
                peers = n1=127.0.0.1:8008, n2=127.0.0.1:8009, witness=127.0.0.1:8010
                token-file = %s
                state-dir = %s
                run-dir = %s
                postgres-password-file = %s
                """
                        .formatted(token, folder, folder, token);
        return Files.writeString(folder.resolve("conf"), lines + String.join("\n", more) + "\n");
    }

    private Configuration check(Path file, Map<String, String> environment, String... arguments) {
        return Checker.check(Optional.of(file), environment, List.of(arguments));
    }

    private void refused(Path file, String... parts) {
        assertThatThrownBy(() -> check(file, Map.of()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("nothing was started")
                .hasMessageContainingAll(parts);
    }

    @Test
    void aFileOfTheRequiredKeysIsEnough() throws IOException {
        var read = check(file(), Map.of());
        assertThat(read.settings().self()).isEqualTo(new NodeId("n1"));
        assertThat(read.settings().mode()).isEqualTo(Mode.SYNC);
        assertThat(read.peers()).hasSize(3);
        assertThat(read.token().value()).isEqualTo("a-secret-of-this-test");
        assertThat(read.postgres().advertised()).isEqualTo(HostPort.parse("127.0.0.1:5432"));
    }

    @Test
    void theDefaultsArePinned() throws IOException {
        var timing = check(file(), Map.of()).settings().timing();
        assertThat(timing.ttl()).isEqualTo(3000);
        assertThat(timing.degradeAfter()).isEqualTo(2000);
        assertThat(timing.unreachableAfter()).isEqualTo(2000);
        assertThat(timing.patience()).isEqualTo(30_000);
        assertThat(check(file(), Map.of()).settings().maxLag()).isEqualTo(1 << 20);
    }

    @Test
    void theCommandLineWinsOverTheEnvironmentAndThatOverTheFile() throws IOException {
        var file = file("ttl = 4s", "priority = 1", "tick = 300ms");
        var read = check(file, Map.of("KUMKI_TTL", "5s", "KUMKI_PRIORITY", "2"), "--ttl=6s");
        assertThat(read.settings().timing().ttl()).isEqualTo(6000);
        assertThat(read.settings().standing().priority()).isEqualTo(2);
        assertThat(read.loop().tick()).hasMillis(300);
    }

    @Test
    void anUnknownKeyIsRefusedWithWhatWasProbablyMeant() throws IOException {
        refused(file("tttl = 3s"), "conf:8: unknown key \"tttl\"", "did you mean `ttl`?");
        assertThatThrownBy(() -> check(file(), Map.of("KUMKI_MOOD", "good")))
                .hasMessageContaining("unknown variable KUMKI_MOOD");
        assertThatThrownBy(() -> check(file(), Map.of(), "--moed=async"))
                .hasMessageContaining("did you mean `mode`?");
    }

    @Test
    void everyProblemIsToldAtOnce() throws IOException {
        refused(
                file("ttl = soon", "mode = fast", "priority = 9999", "witness = perhaps"),
                "`ttl` is \"soon\"; expected a duration from 1s to 60s, such as 500ms, 3s, 2m",
                "`mode` is \"fast\"; expected async or sync",
                "`priority` is \"9999\"; expected a number from 0 to 1000",
                "`witness` is \"perhaps\"; expected true or false");
    }

    @Test
    void aMissingTokenIsRefused() throws IOException {
        Files.delete(token);
        refused(file(), "`token-file`: cannot read");
    }

    @Test
    void aSecretOnTheCommandLineIsRefusedAndNotRepeated() throws IOException {
        assertThatThrownBy(() -> check(file(), Map.of(), "--token=hush"))
                .hasMessageContaining("readable by every user")
                .hasMessageNotContaining("hush");
    }

    @Test
    void aKeyTwiceIsRefused() throws IOException {
        refused(file("ttl = 3s", "ttl = 4s"), "`ttl` is set twice");
    }

    @Test
    void peersMustNameThisNodeAndBeThreeWithoutDoubles() throws IOException {
        refused(file("cluster = x", "postgres = 1"), "`postgres`: an address must be HOST:PORT");
        var two =
                Files.writeString(
                        folder.resolve("two"),
                        """
                node = n9
                peers = n1=h:1,n1=h:2,n2=under_score:3
                """);
        refused(two, "names the node n1 twice", "\"n9\" is not in", "two voters", "underscore");
    }

    @Test
    void twoNamesForOneAgentAreRefused() throws IOException {
        var twins =
                Files.writeString(folder.resolve("twins"), "peers = n1=h:8008,n2=h:8008,n3=i:8008");
        refused(twins, "n1 and n2 have the same address, h:8008");
    }

    @Test
    void aWitnessWithAServerIsAContradiction() throws IOException {
        refused(file("witness = true"), "contradicts `witness = true`");
    }

    @Test
    void aFolderThatIsNotThereIsRefused() throws IOException {
        refused(file("odoo-conf = /nowhere/odoo.conf"), "/nowhere/odoo.conf is not a file");
        var gone = Files.writeString(folder.resolve("gone"), "state-dir = /nowhere\n");
        refused(gone, "`state-dir`: /nowhere is not a folder");
    }

    @Test
    void aWebhooksAddressIsCheckedAndNotRepeated() throws IOException {
        assertThatThrownBy(() -> check(file("webhook-url = ftp://s3cret"), Map.of()))
                .hasMessageContaining("`webhook-url` is not an http or https address")
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void aWebhooksAddressMayComeFromAFile() throws IOException {
        var address = Files.writeString(folder.resolve("hook"), "https://chat.test/a, \n");
        var none = Files.writeString(folder.resolve("none"), "\n");
        assertThat(check(file("webhook-url-file = " + address), Map.of()).webhooks())
                .extracting(Configuration.Webhook::url)
                .containsExactly("https://chat.test/a");
        assertThat(check(file("webhook-url-file = " + none), Map.of()).webhooks()).isEmpty();
        refused(file("webhook-url-file = /nowhere"), "`webhook-url-file`: cannot read /nowhere");
        refused(
                file("webhook-url = https://a.test/", "webhook-url-file = " + address),
                "`webhook-url`",
                "`webhook-url-file`",
                "are both set");
    }

    @ParameterizedTest
    @CsvSource({
        "token, token-file",
        "postgres-password, postgres-password-file",
        "pgbouncer-password, pgbouncer-password-file",
        "webhook-url, webhook-url-file"
    })
    void aValueAndAFileWithItAreRefusedTogether(String direct, String file) throws IOException {
        var lines = new ArrayList<>(List.of("pgbouncer-admin = 127.0.0.1:6432"));
        if (!file.startsWith("token") && !file.startsWith("postgres")) {
            lines.add(file + " = " + token);
        }
        var conf = file(lines.toArray(String[]::new));
        var variable = "KUMKI_" + direct.toUpperCase(Locale.ROOT).replace('-', '_');
        assertThatThrownBy(() -> check(conf, Map.of(variable, "https://another.word.test/")))
                .hasMessageContaining("`" + direct + "` (environment, " + variable + ")")
                .hasMessageContaining("`" + file + "` (" + conf + ":")
                .hasMessageContaining("are both set; expected one of them")
                .hasMessageNotContaining("another.word");
    }

    @Test
    void aTokenThatCanBeGuessedIsRefused() throws IOException {
        Files.writeString(token, "123456789012345\n");
        refused(
                file(),
                "conf:4: `token-file`: the token has 15 characters, at least 16 are needed",
                "openssl rand -hex 32");
        Files.writeString(token, "1234567890123456\n");
        check(file(), Map.of());
    }

    @Test
    void aWrongValueSaysWhereItStands() throws IOException {
        assertThatThrownBy(
                        () ->
                                check(
                                        file("ttl = 3", "listen = here"),
                                        Map.of("KUMKI_MODE", "fast"),
                                        "--priority=many"))
                .hasMessageContaining("conf:8: `ttl` is \"3\"; expected a duration")
                .hasMessageContaining("conf:9: `listen`: an address must be HOST:PORT")
                .hasMessageContaining("environment, KUMKI_MODE: `mode` is \"fast\"")
                .hasMessageContaining("command line, --priority: `priority` is \"many\"");
        assertThatThrownBy(() -> check(file(), Map.of("KUMKI_STATE_DIR", "/nowhere")))
                .hasMessageContaining("environment, KUMKI_STATE_DIR: `state-dir`: /nowhere");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tick = 5s, poll-timeout = 10s|must be shorter than `ttl = 3s` (its default)",
                "tick = 2s, poll-timeout = 1s, unreachable-after = 9s|than `ttl = 3s`",
                "poll-timeout = 2s|than `unreachable-after = 2s` (its default)",
                "unreachable-after = 1s|`tick = 500ms` (its default) and `poll-timeout = 800ms`",
                "patience = 1s|`unreachable-after = 2s` (its default) must be shorter than",
                "unreachable-after = 40s|must be shorter than `patience = 30s`",
                "replica-max-lag-time = 200ms|every replica would be withdrawn",
                "write-probe = 20s|must be shorter than `replica-max-lag-time = 10s`",
                "gateway-rw = 127.0.0.1:1, gateway-connect-timeout = 20s|`gateway-hold = 15s`"
            })
    void durationsThatContradictEachOtherAreRefused(String lines, String said) throws IOException {
        refused(file(lines.split(", ")), said, "shorter than");
    }

    @Test
    void theShortestUsefulDurationsAreTaken() throws IOException {
        check(file("ttl = 1s", "tick = 100ms", "poll-timeout = 300ms"), Map.of());
        check(file("ttl = 60s", "write-probe = 1s", "patience = 1h"), Map.of());
    }
}
