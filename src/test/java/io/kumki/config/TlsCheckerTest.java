package io.kumki.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kumki.config.Configuration.TlsMode;
import io.kumki.tls.Authority;
import io.kumki.tls.PemFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The keys about certificates, on a witness at 127.0.0.4. */
class TlsCheckerTest {
    @TempDir private static Path folder;
    private static Authority authority;

    @BeforeAll
    static void issue() {
        authority = new Authority(folder.resolve("tls")).issue("n1=127.0.0.2", "witness=127.0.0.4");
    }

    private static Configuration check(String... more) throws IOException {
        return check("true", more);
    }

    private static Configuration check(String isWitness, String[] more) throws IOException {
        var token = Files.writeString(folder.resolve("token"), "a-secret-of-this-test\n");
        var lines =
                """
                node = witness
                witness = %s
                peers = n1=127.0.0.2:8008, n2=127.0.0.3:8008, witness=127.0.0.4:8008
                token-file = %s
                state-dir = %s
                """
                        .formatted(isWitness, token, folder);
        var file =
                Files.writeString(folder.resolve("conf"), lines + String.join("\n", more) + "\n");
        return Checker.check(Optional.of(file), Map.of(), List.of());
    }

    private static String[] lines(PemFiles files) {
        return new String[] {
            "tls-certificate = " + files.certificate(),
            "tls-key = " + files.key(),
            "tls-ca = " + files.authority()
        };
    }

    private static void refused(String part, String... lines) {
        assertThatThrownBy(() -> check(lines))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(part)
                .hasMessageContaining("nothing was started");
    }

    @Test
    void withoutTheKeysThereIsNoTls() throws IOException {
        assertThat(check().tls()).isEmpty();
    }

    @Test
    void allThreeAreTaken() throws IOException {
        var files = authority.of("witness");
        assertThat(check(lines(files)).tls()).contains(files);
    }

    @Test
    void oneOrTwoAreRefused() {
        refused("`tls-certificate` without `tls-key` and `tls-ca`", "tls-certificate = x");
        refused(
                "`tls-certificate` and `tls-ca` without `tls-key`",
                "tls-certificate=x",
                "tls-ca=x");
    }

    @Test
    void anotherHostsCertificateIsRefused() {
        refused("made out to [127.0.0.2", lines(authority.of("n1")));
    }

    @Test
    void aServerThatIsToBeCheckedNeedsAnAuthority() throws IOException {
        var witness = lines(authority.of("witness"));
        assertThat(check().postgres().tls().mode()).isEqualTo(TlsMode.DISABLE);
        assertThat(server(witness, "postgres-tls = verify-full").authority())
                .contains(authority.of("witness").authority());
        assertThat(server(new String[0], "postgres-tls = require").authority()).isEmpty();
        refusedServer("`postgres-tls` needs", "postgres-tls = verify-ca");
        refusedServer("it would check nothing", "postgres-tls = prefer", "postgres-tls-ca = x");
        refusedServer("disable or prefer or require or verify-ca", "postgres-tls = always");
    }

    /** A node with a server instead of the witness. */
    private static Configuration.PostgresTls server(String[] lines, String... more)
            throws IOException {
        var all = new ArrayList<>(List.of(lines));
        all.addAll(List.of(more));
        all.add("run-dir = " + folder);
        all.add("postgres-password-file = " + folder.resolve("token"));
        return check("false", all.toArray(String[]::new)).postgres().tls();
    }

    private static void refusedServer(String part, String... lines) {
        assertThatThrownBy(() -> server(new String[0], lines))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(part);
    }

    @Test
    void missingFilesAreRefused() {
        refused("TLS: there is no file", lines(authority.of("nobody")));
    }
}
