package io.kumki.adapter.odoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kumki.core.model.HostPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OdooConfFileTest {
    private static final Endpoints WANTED =
            new Endpoints(new HostPort("127.0.0.1", 5433), Optional.empty());
    private static final String TEXT = "[options]\nadmin_passwd = x\n";

    @TempDir Path folder;
    private Path conf;

    /** Rewrites the file named by its argument: for tests that need another user or mount. */
    public static void main(String[] arguments) {
        try {
            System.out.println(new OdooConfFile(Path.of(arguments[0])).point(WANTED, () -> {}));
        } catch (OdooConfException e) {
            System.out.println(e.getMessage());
        }
    }

    @BeforeEach
    void write() throws IOException {
        conf = Files.writeString(folder.resolve("odoo.conf"), TEXT);
    }

    @Test
    void ownerGroupAndModeStayAndNothingElseIsLeftInTheFolder() throws IOException {
        Files.setPosixFilePermissions(conf, PosixFilePermissions.fromString("rw-r-----"));
        if (isRoot()) {
            Files.setAttribute(conf, "unix:uid", 34567);
            Files.setAttribute(conf, "unix:gid", 34568);
        }
        Object uid = Files.getAttribute(conf, "unix:uid");
        Object gid = Files.getAttribute(conf, "unix:gid");
        assertThat(new OdooConfFile(conf).point(WANTED, () -> {}).changed()).isTrue();
        assertThat(conf).content().contains("db_host = 127.0.0.1\n").contains("admin_passwd = x");
        assertThat(Files.getAttribute(conf, "unix:uid")).isEqualTo(uid);
        assertThat(Files.getAttribute(conf, "unix:gid")).isEqualTo(gid);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(conf)))
                .isEqualTo("rw-r-----");
        assertThat(folder).isDirectoryContaining(conf::equals);
        assertThat(folder.toFile().list()).hasSize(1);
    }

    @Test
    void anUnchangedFileIsNotWritten() throws IOException {
        OdooConfFile file = new OdooConfFile(conf);
        assertThat(file.point(WANTED, () -> {}).before()).isEmpty();
        Files.setLastModifiedTime(conf, FileTime.fromMillis(1000));
        assertThat(file.point(WANTED, () -> {}))
                .isEqualTo(new OdooConfFile.Rewrite(false, Optional.of(WANTED.writer())));
        assertThat(Files.getLastModifiedTime(conf).toMillis()).isEqualTo(1000);
    }

    @Test
    void aLinkStaysAndItsTargetIsRewritten() throws IOException {
        Path link = folder.resolve("link.conf");
        Files.createSymbolicLink(link, Path.of("odoo.conf"));
        new OdooConfFile(link).point(WANTED, () -> {});
        assertThat(link).isSymbolicLink();
        assertThat(conf).content().contains("db_port = 5433");
    }

    @Test
    void aDraftLeftByACrashIsReplaced() throws IOException {
        Files.writeString(folder.resolve(".odoo.conf.kumki-new"), "half of");
        new OdooConfFile(conf).point(WANTED, () -> {});
        assertThat(folder.toFile().list()).containsExactly("odoo.conf");
    }

    @Test
    void aFileWithoutAnyWriteModeIsRefusedToRootToo() throws IOException {
        Files.setPosixFilePermissions(conf, PosixFilePermissions.fromString("r--r-----"));
        assertThatThrownBy(() -> new OdooConfFile(conf).point(WANTED, () -> {}))
                .hasMessageContaining("refusing to rewrite " + conf)
                .hasMessageContaining("it is read-only (mode r--r-----)")
                .hasMessageContaining("Nothing was changed. Make it writable");
        assertThat(conf).hasContent(TEXT);
    }

    @Test
    void aMissingFileAndADuplicateAreRefused() throws IOException {
        assertThatThrownBy(
                        () -> new OdooConfFile(folder.resolve("no.conf")).point(WANTED, () -> {}))
                .hasMessageContaining("there is no such file");
        String twice = TEXT + "db_host = a\nDB_HOST = b\n";
        Files.writeString(conf, twice);
        assertThatThrownBy(() -> new OdooConfFile(conf).point(WANTED, () -> {}))
                .hasMessageContaining(conf + ": line 4 has key db_host a second time");
        assertThat(conf).hasContent(twice);
    }

    @Test
    void aFolderThatTheAgentMayNotWriteIsRefused() throws Exception {
        Files.setPosixFilePermissions(conf, PosixFilePermissions.fromString("rw-rw-rw-"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-xr-xr-x"));
        assertThat(asOther()).contains("permission denied", "the right to write the folder");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThat(conf).hasContent(TEXT);
    }

    @Test
    void aFileOfAnotherUserIsRefusedToWhoMayNotGiveItBack() throws Exception {
        assumeTrue(isRoot(), "needs root to act as another user");
        Files.setPosixFilePermissions(conf, PosixFilePermissions.fromString("rw-rw-rw-"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(asOther()).contains("may not give a file to", "Run the agent as user root");
        assertThat(conf).hasContent(TEXT);
        assertThat(folder.toFile().list()).hasSize(1);
    }

    @Test
    void aMountedSingleFileIsRefusedWithTheAdviceToMountItsFolder() throws Exception {
        assumeTrue(isRoot(), "needs root to mount");
        String mountAndRun = "mount --bind \"$0\" \"$0\" && exec \"$@\"";
        List<String> command =
                new ArrayList<>(List.of("unshare", "-m", "sh", "-c", mountAndRun, conf.toString()));
        command.addAll(self());
        assertThat(run(command)).contains("busy", "Mount the folder instead of the single file");
        assertThat(conf).hasContent(TEXT);
    }

    @Test
    void aReadOnlyMountIsRefused() throws Exception {
        assumeTrue(isRoot(), "needs root to mount");
        String mountAndRun =
                "mount --bind \"$0\" \"$0\" && mount -o remount,ro,bind \"$0\" && exec \"$@\"";
        List<String> command =
                new ArrayList<>(
                        List.of("unshare", "-m", "sh", "-c", mountAndRun, folder.toString()));
        command.addAll(self());
        assertThat(run(command)).contains("it is read-only");
        assertThat(conf).hasContent(TEXT);
    }

    /** As somebody who owns nothing; without root that is what we are. */
    private String asOther() throws Exception {
        List<String> command = new ArrayList<>();
        if (isRoot()) {
            command.addAll(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
            makeClassesReadable();
        }
        command.addAll(self());
        return run(command);
    }

    /** Copies our classes to where the other user can read them. */
    private void makeClassesReadable() throws IOException {
        Files.setPosixFilePermissions(classes, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (String entry : System.getProperty("java.class.path").split(":")) {
            Path from = Path.of(entry, "io/kumki/adapter/odoo");
            if (Files.isDirectory(from)) {
                Path to = Files.createDirectories(classes.resolve("io/kumki/adapter/odoo"));
                try (var files = Files.list(from)) {
                    for (Path it : files.toList()) {
                        Files.copy(it, to.resolve(it.getFileName()));
                    }
                }
            }
        }
    }

    @TempDir Path classes;

    private List<String> self() {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String path = classes + ":" + System.getProperty("java.class.path");
        return List.of(java, "-cp", path, OdooConfFileTest.class.getName(), conf.toString());
    }

    private static String run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes());
        process.waitFor();
        return said;
    }

    private static boolean isRoot() throws IOException {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    }
}
