package io.kumki.adapter.odoo;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.adapter.odoo.OdooProcess.Missing;
import io.kumki.adapter.odoo.OdooProcess.Nowhere;
import io.kumki.adapter.odoo.OdooProcess.Pid;
import io.kumki.adapter.odoo.OdooProcess.PidFile;
import io.kumki.adapter.odoo.OdooProcess.Running;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OdooProcessTest {
    @TempDir Path folder;
    private Path conf;
    private ServerSocket server;

    @BeforeEach
    void listen() throws Exception {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        conf =
                Files.writeString(
                        folder.resolve("odoo.conf"),
                        "[options]\ndb_host = 127.0.0.1\ndb_port = %d\n"
                                .formatted(server.getLocalPort()));
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private static OdooProcess byPid(long pid) {
        return new OdooProcess(new Pid(pid), Optional.empty());
    }

    @Test
    void onHangupOdooExecutesItselfAnewUnderTheSamePid() throws Exception {
        try (FakeOdoo fake = FakeOdoo.start(conf, FakeOdoo.FOLLOWS, Map.of())) {
            OdooProcess odoo = byPid(fake.pid());
            assertThat(odoo.restarted()).isEmpty();
            assertThat(odoo.reload()).isEqualTo(new Reload.Sent("SIGHUP to process " + fake.pid()));
            FakeOdoo.awaitStarts(folder.resolve("ready"), 2);
            assertThat(odoo.restarted()).contains(true);
        }
    }

    @Test
    void aProcessThatIsDeafToHangupHasNotRestarted() throws Exception {
        try (FakeOdoo fake = FakeOdoo.start(conf, FakeOdoo.DEAF, Map.of())) {
            OdooProcess odoo = byPid(fake.pid());
            assertThat(odoo.reload()).isInstanceOf(Reload.Sent.class);
            assertThat(odoo.restarted()).contains(false);
        }
    }

    @Test
    void aProcessThatHangupWouldEndIsNotSignalled() throws Exception {
        Process sleep = new ProcessBuilder("sleep", "60").start();
        try {
            assertThat(byPid(sleep.pid()).reload())
                    .isInstanceOf(Reload.NotYet.class)
                    .extracting(Reload::text)
                    .asString()
                    .contains("would be ended by SIGHUP");
            assertThat(sleep.isAlive()).isTrue();
        } finally {
            sleep.destroyForcibly().onExit().join();
        }
        assertThat(byPid(sleep.pid()).find()).isInstanceOf(Missing.class);
    }

    @Test
    void connectionsAreCountedUntilOdooItselfClosesThem() throws Exception {
        try (FakeOdoo fake = FakeOdoo.start(conf, FakeOdoo.DEAF, Map.of())) {
            OdooProcess odoo = byPid(fake.pid());
            HostPort here = new HostPort("localhost", server.getLocalPort());
            assertThat(odoo.connectionsTo(here)).hasValue(1);
            assertThat(odoo.connectionsTo(new HostPort("127.0.0.1", 1))).hasValue(0);
            server.accept().close();
            server.close();
            assertThat(odoo.connectionsTo(here)).hasValue(1);
        }
        HostPort here = new HostPort("127.0.0.1", server.getLocalPort());
        assertThat(byPid(Integer.MAX_VALUE).connectionsTo(here)).isEqualTo(OptionalInt.empty());
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 0, 1})
    void pidsThatMeanManyOrInitAreNeverSignalled(long pid) {
        assertThat(byPid(pid).find()).isEqualTo(new Missing("pid " + pid + " can't be Odoo's"));
        assertThat(byPid(pid).reload()).isInstanceOf(Reload.Failed.class);
    }

    @ParameterizedTest
    @CsvSource({"abc,holds no number", "-5,can't be Odoo's", "2147483646,there is no process"})
    void aBadPidFileIsNamed(String content, String reason) throws Exception {
        Path file = Files.writeString(folder.resolve("pid"), content + "\n");
        OdooProcess odoo = new OdooProcess(new PidFile(file), Optional.empty());
        assertThat(((Missing) odoo.find()).reason()).contains(reason);
        Files.delete(file);
        assertThat(((Missing) odoo.find()).reason()).contains("can't be read", "--pidfile");
    }

    @Test
    void aPidReusedByAnotherProcessIsNoLongerOdoo() throws Exception {
        Path proc = Files.createDirectories(folder.resolve("proc/4711"));
        String stat = "4711 (od) oo) S 1" + " 0".repeat(17) + " %d" + " 7".repeat(30);
        Files.writeString(proc.resolve("stat"), stat.formatted(100));
        Path file = Files.writeString(folder.resolve("pid"), "4711");
        OdooProcess odoo =
                new OdooProcess(new PidFile(file), Optional.empty(), folder.resolve("proc"));
        assertThat(odoo.find()).isEqualTo(new Running(4711, 100, Optional.of("7 7")));
        Files.writeString(proc.resolve("stat"), stat.formatted(200));
        assertThat(odoo.find()).isEqualTo(new Missing("pid 4711 belongs to another process now"));
        // Written anew: whoever wrote it vouches for the new process.
        Files.setLastModifiedTime(file, java.nio.file.attribute.FileTime.fromMillis(5));
        assertThat(odoo.find()).isInstanceOf(Running.class);
    }

    @Test
    void aReloadCommandReportsItsLastLineAndExitCodeAndHasADeadline() {
        OdooProcess good = command("echo first; echo 'restarted odoo'");
        assertThat(good.reload()).isEqualTo(new Reload.Sent("reload command done: restarted odoo"));
        assertThat(good.restarted()).isEmpty();
        assertThat(command("echo no such unit >&2; exit 5").reload())
                .isEqualTo(new Reload.Failed("exit code 5: no such unit"));
        assertThat(Shell.run(java.time.Duration.ofMillis(200), "sleep", "30").text())
                .contains("killed");
        assertThat(Shell.run(java.time.Duration.ofSeconds(1), "no-such-program").text())
                .contains("no-such-program can't be started");
    }

    private static OdooProcess command(String text) {
        return new OdooProcess(new Nowhere(), Optional.of(text));
    }

    @Test
    void whatDefeatsTheFileIsFoundInARealProcess() throws Exception {
        Map<String, String> environment =
                Map.of("PGHOST", "", "PGPORT_REPLICA", "5", "PGUSER", "u");
        try (FakeOdoo fake =
                FakeOdoo.start(
                        conf,
                        FakeOdoo.DEAF,
                        environment,
                        "--db_host=a",
                        "--db_replica_po",
                        "7",
                        "--db_name",
                        "x",
                        "-c",
                        "/etc/other.conf")) {
            assertThat(found(fake))
                    .containsExactlyInAnyOrder(
                            "command line has --db_host=a",
                            "command line has --db_replica_po 7",
                            "environment has PGHOST=",
                            "environment has PGPORT_REPLICA=5",
                            "Odoo reads /etc/other.conf, not " + conf);
        }
    }

    @Test
    void theSameFileByAnotherNameDefeatsNothing() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("rc"), conf);
        try (FakeOdoo fake =
                FakeOdoo.start(conf, FakeOdoo.DEAF, Map.of("ODOO_RC", link.toString()))) {
            assertThat(found(fake)).isEmpty();
        }
        assertThat(byPid(fakePid()).overrides(conf)).isInstanceOf(EndpointOverrides.Unknown.class);
    }

    private static long fakePid() {
        return Integer.MAX_VALUE;
    }

    private List<String> found(FakeOdoo fake) {
        return ((EndpointOverrides.Known) byPid(fake.pid()).overrides(conf)).found();
    }
}
