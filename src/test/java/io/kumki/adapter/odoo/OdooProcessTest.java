package io.kumki.adapter.odoo;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.adapter.odoo.OdooProcess.Commands;
import io.kumki.adapter.odoo.OdooProcess.Means;
import io.kumki.adapter.odoo.OdooProcess.Missing;
import io.kumki.adapter.odoo.OdooProcess.Nowhere;
import io.kumki.adapter.odoo.OdooProcess.Pid;
import io.kumki.adapter.odoo.OdooProcess.PidFile;
import io.kumki.adapter.odoo.OdooProcess.Running;
import io.kumki.core.model.HostPort;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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

    private static final Commands NONE = new Commands(Optional.empty(), Optional.empty());

    private OdooProcess byPid(long pid) {
        return new OdooProcess(new Pid(pid), NONE, conf);
    }

    @Test
    void onHangupOdooExecutesItselfAnewUnderTheSamePid() throws Exception {
        try (FakeOdoo fake = FakeOdoo.start(conf, FakeOdoo.FOLLOWS, Map.of())) {
            OdooProcess odoo = byPid(fake.pid());
            assertThat(odoo.restarted()).isEmpty();
            assertThat(odoo.tell(Means.RELOAD))
                    .isEqualTo(new Reload.Sent("SIGHUP to process " + fake.pid()));
            FakeOdoo.awaitStarts(folder.resolve("ready"), 2);
            assertThat(odoo.restarted()).contains(true);
        }
    }

    @Test
    void aProcessThatIsDeafToHangupHasNotRestarted() throws Exception {
        try (FakeOdoo fake = FakeOdoo.start(conf, FakeOdoo.DEAF, Map.of())) {
            OdooProcess odoo = byPid(fake.pid());
            assertThat(odoo.tell(Means.RELOAD)).isInstanceOf(Reload.Sent.class);
            assertThat(odoo.restarted()).contains(false);
        }
    }

    @Test
    void aProcessThatHangupWouldEndIsNotSignalled() throws Exception {
        Process sleep = new ProcessBuilder("sleep", "60").start();
        try {
            assertThat(byPid(sleep.pid()).tell(Means.RELOAD))
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
        assertThat(byPid(pid).tell(Means.RELOAD)).isInstanceOf(Reload.Failed.class);
    }

    @ParameterizedTest
    @CsvSource({"abc,holds no number", "-5,can't be Odoo's", "2147483646,there is no process"})
    void aBadPidFileIsNamed(String content, String reason) throws Exception {
        Path file = Files.writeString(folder.resolve("pid"), content + "\n");
        OdooProcess odoo = new OdooProcess(new PidFile(file), NONE, conf);
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
        OdooProcess odoo = new OdooProcess(new PidFile(file), NONE, conf, folder.resolve("proc"));
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
        assertThat(good.tell(Means.RELOAD))
                .isEqualTo(new Reload.Sent("command done: restarted odoo"));
        assertThat(good.restarted()).isEmpty();
        assertThat(command("echo no such unit >&2; exit 5").tell(Means.RELOAD))
                .isEqualTo(new Reload.Failed("exit code 5: no such unit"));
        assertThat(Shell.run(Duration.ofMillis(200), Map.of(), "sleep", "30").text())
                .contains("killed");
        assertThat(Shell.run(Duration.ofSeconds(1), Map.of(), "no-such-program").text())
                .contains("no-such-program can't be started");
    }

    @Test
    void aCommandLearnsWhichOdooIsMeant() {
        var commands = new Commands(Optional.of("exit 7"), Optional.of("echo $KUMKI_ODOO_CONF"));
        assertThat(new OdooProcess(new Nowhere(), commands, conf).tell(Means.RESTART))
                .isEqualTo(new Reload.Sent("command done: " + conf));
        assertThat(command("exit 7").tell(Means.RESTART))
                .isEqualTo(new Reload.Failed("no restart command is configured"));
    }

    private OdooProcess command(String text) {
        var commands = new Commands(Optional.of(text), Optional.empty());
        return new OdooProcess(new Nowhere(), commands, conf);
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
