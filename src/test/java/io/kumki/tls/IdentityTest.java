package io.kumki.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityTest {
    @TempDir private static Path folder;
    private static Authority ours;
    private static Authority foreign;

    @BeforeAll
    static void issue() {
        ours =
                new Authority(folder.resolve("ours"))
                        .issue("--days", "30", "n1=127.0.0.2,n1.example", "n2=fd00::1");
        foreign = new Authority(folder.resolve("foreign")).issue("n1=127.0.0.2");
    }

    private static Identity read(PemFiles files) throws TlsException {
        return Identity.read(files, Instant.now());
    }

    private static void refused(PemFiles files, Instant now, String... parts) {
        assertThatThrownBy(() -> Identity.read(files, now))
                .isInstanceOf(TlsException.class)
                .hasMessageContainingAll(parts);
    }

    private static Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    @Test
    void whatFitsTogetherIsTaken() throws TlsException {
        var own = read(ours.of("n1")).certificate();
        assertThat(Names.of(own)).contains("127.0.0.2", "n1.example", "localhost");
        assertThat(Names.cover(own, "127.0.0.2")).isTrue();
        assertThat(Names.cover(own, "N1.example")).isTrue();
        assertThat(Names.cover(own, "127.0.0.3")).isFalse();
        assertThat(Names.cover(own, "n2.example")).isFalse();
    }

    @Test
    void oneAddressMayBeWrittenInTwoWays() throws TlsException {
        var own = read(ours.of("n2")).certificate();
        assertThat(Names.cover(own, "fd00:0:0:0:0:0:0:1")).isTrue();
        assertThat(Names.cover(own, "fd00::2")).isFalse();
    }

    @Test
    void outOfItsTimeItIsRefused() {
        var files = ours.of("n1");
        refused(files, Instant.now().plus(Duration.ofDays(31)), "host.crt expired at");
        refused(files, Instant.now().minus(Duration.ofDays(1)), "is valid from", "clock");
    }

    @Test
    void anotherOnesKeyIsRefused() {
        var n1 = ours.of("n1");
        var mixed = new PemFiles(n1.certificate(), ours.of("n2").key(), n1.authority());
        refused(mixed, Instant.now(), "is not that of the certificate");
    }

    @Test
    void aForeignAuthorityIsRefused() {
        var n1 = ours.of("n1");
        var mixed = new PemFiles(n1.certificate(), n1.key(), foreign.certificate());
        refused(mixed, Instant.now(), "does not pass with the authority", "servers and clients");
    }

    @Test
    void whatIsNoPemIsRefused() throws IOException {
        var n1 = ours.of("n1");
        var empty = file("empty", "");
        var broken = file("broken", "-----BEGIN CERTIFICATE-----\nAAAA\n");
        refused(
                new PemFiles(empty, n1.key(), n1.authority()),
                Instant.now(),
                "empty holds no certificate");
        refused(
                new PemFiles(broken, n1.key(), n1.authority()),
                Instant.now(),
                "broken can't be read as a certificate");
        refused(
                new PemFiles(n1.certificate(), empty, n1.authority()),
                Instant.now(),
                "empty holds no private key");
        refused(
                new PemFiles(n1.certificate(), folder.resolve("gone"), n1.authority()),
                Instant.now(),
                "there is no file");
    }

    @Test
    void anOldFormOfKeyIsRefusedWithTheWayOut() {
        var n1 = ours.of("n1");
        var old = folder.resolve("old.key");
        Authority.run(List.of("openssl", "ec", "-in", n1.key().toString(), "-out", old.toString()));
        refused(
                new PemFiles(n1.certificate(), old, n1.authority()),
                Instant.now(),
                "EC PRIVATE KEY",
                "openssl pkcs8");
    }

    @Test
    void rsaIsTakenToo() {
        var key = folder.resolve("rsa.key").toString();
        var certificate = folder.resolve("rsa.crt").toString();
        Authority.run(
                List.of(
                        "openssl",
                        "req",
                        "-x509",
                        "-newkey",
                        "rsa:2048",
                        "-nodes",
                        "-keyout",
                        key,
                        "-out",
                        certificate,
                        "-subj",
                        "/CN=alone",
                        "-days",
                        "2"));
        var files = new PemFiles(Path.of(certificate), Path.of(key), Path.of(certificate));
        assertThatCode(() -> read(files)).doesNotThrowAnyException();
    }

    @Test
    void theScriptNeverReplacesAnAuthority() throws IOException {
        var before = Files.readString(ours.certificate());
        ours.issue("n3=127.0.0.9");
        assertThat(ours.certificate()).hasContent(before);
        assertThat(ours.of("n3").key()).exists();
    }
}
