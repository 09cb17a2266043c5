package io.kumki.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kumki.config.Configuration.AfterFailover;
import io.kumki.config.Configuration.Odoo;
import io.kumki.core.model.HostPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OdooCheckerTest {
    @TempDir private Path folder;
    private Path a;
    private Path b;

    @BeforeEach
    void write() throws IOException {
        a = Files.writeString(folder.resolve("a.conf"), "[options]\n");
        b = Files.writeString(folder.resolve("b.conf"), "[options]\n");
    }

    private Odoo check(String... lines) throws IOException {
        var token = Files.writeString(folder.resolve("token"), "a-secret-of-this-test\n");
        var start =
                """
                node = n1
                peers = n1=127.0.0.1:8008, n2=127.0.0.1:8009, witness=127.0.0.1:8010
                token-file = %1$s
                state-dir = %2$s
                run-dir = %2$s
                postgres-password-file = %1$s
                """
                        .formatted(token, folder);
        var file = Files.writeString(folder.resolve("conf"), start + String.join("\n", lines));
        return Checker.check(Optional.of(file), Map.of(), List.of()).odoo();
    }

    @Test
    void withoutAFileThereIsNoOdoo() throws IOException {
        var odoo = check();
        assertThat(odoo.instances()).isEmpty();
        assertThat(odoo.gateway()).isEmpty();
        assertThat(odoo.afterFailover()).isEqualTo(AfterFailover.NONE);
    }

    @Test
    void severalOdoosBehindAGateway() throws IOException {
        var odoo =
                check(
                        "odoo-conf = " + a + ", " + b,
                        "odoo-pid-file = /run/a.pid,/run/b.pid",
                        "odoo-gateway = 127.0.0.1:6432, [::1]:6433",
                        "odoo-after-failover = restart-command",
                        "odoo-restart-command = systemctl restart odoo, please");
        assertThat(odoo.instances())
                .containsExactly(
                        new Odoo.Instance(a, Optional.empty(), Optional.of(Path.of("/run/a.pid"))),
                        new Odoo.Instance(b, Optional.empty(), Optional.of(Path.of("/run/b.pid"))));
        assertThat(odoo.gateway())
                .contains(
                        new Odoo.Door(new HostPort("127.0.0.1", 6432), new HostPort("::1", 6433)));
        assertThat(odoo.afterFailover()).isEqualTo(AfterFailover.RESTART_COMMAND);
        assertThat(odoo.restartCommand()).contains("systemctl restart odoo, please");
    }

    @Test
    void pidsBelongToTheirFiles() throws IOException {
        var odoo = check("odoo-conf = " + a + "," + b, "odoo-pid = 17,4711");
        assertThat(odoo.instances().get(1))
                .isEqualTo(new Odoo.Instance(b, Optional.of(4711L), Optional.empty()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "odoo-pid-file = /x,/y|`odoo-pid-file` names 2, `odoo-conf` 1",
                "odoo-pid = x|`odoo-pid` is \"x\"",
                "odoo-pid = 1|`odoo-pid` is \"1\"",
                "odoo-gateway = a:1|`odoo-gateway` must be two addresses",
                "odoo-gateway = a:1,b|`odoo-gateway`: an address must be HOST:PORT",
                "odoo-after-failover = kill|`odoo-after-failover` is \"kill\"",
                "odoo-after-failover = restart-command|without `odoo-restart-command`",
                "odoo-endpoints = n7=a:1|`odoo-endpoints` names n7, `peers` does not",
            })
    void whatMakesNoSenseIsRefused(String line, String problem) {
        assertThatThrownBy(() -> check("odoo-conf = " + a, line))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(problem);
    }

    @Test
    void soIsWhatContradictsItself() {
        assertThatThrownBy(
                        () ->
                                check(
                                        "odoo-conf = " + a + "," + a,
                                        "odoo-pid = 7,8",
                                        "odoo-pid-file = /x,/y",
                                        "odoo-endpoints = n1=a:1",
                                        "odoo-gateway = a:1,a:2"))
                .hasMessageContaining("names a file twice")
                .hasMessageContaining("`odoo-pid` and `odoo-pid-file` exclude each other")
                .hasMessageContaining("`odoo-gateway` and `odoo-endpoints` exclude each other");
        assertThatThrownBy(() -> check("odoo-reload-command = true"))
                .hasMessageContaining("without `odoo-conf`");
        assertThatThrownBy(() -> check("odoo-conf = /nowhere/odoo.conf"))
                .hasMessageContaining("/nowhere/odoo.conf is not a file");
    }
}
