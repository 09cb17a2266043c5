package io.kumki.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kumki.core.model.HostPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The keys about what stands between clients and servers, on a witness. */
class DoorsCheckerTest {
    @TempDir private Path folder;

    private Configuration check(String... more) throws IOException {
        var token = Files.writeString(folder.resolve("token"), "a-secret-of-this-test\n");
        var lines =
                """
                node = witness
                witness = true
                peers = n1=127.0.0.1:8008, n2=127.0.0.1:8009, witness=127.0.0.1:8010
                token-file = %s
                state-dir = %s
                """
                        .formatted(token, folder);
        var file =
                Files.writeString(folder.resolve("conf"), lines + String.join("\n", more) + "\n");
        return Checker.check(Optional.of(file), Map.of(), List.of());
    }

    private void refused(String part, String... lines) {
        assertThatThrownBy(() -> check(lines))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(part)
                .hasMessageContaining("nothing was started");
    }

    private String file(String name) throws IOException {
        return Files.writeString(folder.resolve(name), "text").toString();
    }

    @Test
    void withoutAKeyThereIsNoDoor() throws IOException {
        var read = check();
        assertThat(read.gateway().isOpen()).isFalse();
        assertThat(read.haproxy()).isEmpty();
        assertThat(read.pgbouncer()).isEmpty();
        assertThat(read.writeProbe()).isEmpty();
    }

    @Test
    void aGatewayNeedsOnlyItsAddresses() throws IOException {
        var gateway = check("gateway-rw = 0.0.0.0:5433", "gateway-ro = 0.0.0.0:5435").gateway();
        assertThat(gateway.rw()).contains(new HostPort("0.0.0.0", 5433));
        assertThat(gateway.ro()).contains(new HostPort("0.0.0.0", 5435));
        assertThat(gateway.hold()).isEqualTo(Duration.ofSeconds(15));
        assertThat(gateway.connectTimeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(gateway.tls()).isEmpty();
    }

    @Test
    void oneDoorCanNotBeBoth() {
        refused("are the same address", "gateway-rw = a:5433", "gateway-ro = a:5433");
        refused("`gateway-rw`", "gateway-rw = 5433");
    }

    @Test
    void aServerCanNotBeTheGatewayItself() {
        refused(
                "said to be PostgreSQL's",
                "gateway-rw = 127.0.0.1:5432",
                "postgres-advertised = 127.0.0.1:5432");
    }

    @Test
    void certificateAndKeyBelongTogether() throws IOException {
        refused(
                "belong together",
                "gateway-rw = a:5433",
                "gateway-tls-certificate = " + file("certificate"));
        refused(
                "cannot read",
                "gateway-rw = a:5433",
                "gateway-tls-certificate = /none",
                "gateway-tls-key = " + file("key"));
        refused(
                "is set without `gateway-rw`",
                "gateway-tls-certificate = " + file("certificate"),
                "gateway-tls-key = " + file("key"));
        assertThat(
                        check(
                                        "gateway-rw = a:5433",
                                        "gateway-tls-certificate = " + file("certificate"),
                                        "gateway-tls-key = " + file("key"))
                                .gateway()
                                .tls())
                .isPresent();
    }

    @Test
    void theSocketOfHaproxyIsAPathOrAnAddress() throws IOException {
        assertThat(check("haproxy-socket = /run/haproxy/admin.sock").haproxy().orElseThrow())
                .isEqualTo(
                        new Configuration.Haproxy(
                                "/run/haproxy/admin.sock", "kumki_write", "kumki_read"));
        assertThat(check("haproxy-socket = lb:9999").haproxy()).isPresent();
        refused("`haproxy-socket`", "haproxy-socket = admin.sock");
        refused("`haproxy-read-backend` is set without", "haproxy-read-backend = x");
    }

    @Test
    void pgbouncerNeedsAPasswordAndTheFileThatItIncludes() throws IOException {
        var databases = "pgbouncer-databases = " + file("databases.ini");
        var password = "pgbouncer-password-file = " + file("password");
        assertThat(check("pgbouncer-admin = pooler:6432", databases, password).pgbouncer())
                .isPresent();
        refused("PgBouncer's password is missing", "pgbouncer-admin = pooler:6432", databases);
        refused("must be the file", "pgbouncer-admin = pooler:6432", password);
        refused("`pgbouncer-databases` is set without", databases);
    }

    @Test
    void theProbeIsOneSettingForAllNodes() throws IOException {
        assertThat(check("write-probe = 1s").writeProbe()).contains(Duration.ofSeconds(1));
        refused("`write-probe` is \"on\"", "write-probe = on");
    }
}
