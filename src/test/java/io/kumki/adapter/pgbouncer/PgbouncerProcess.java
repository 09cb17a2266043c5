package io.kumki.adapter.pgbouncer;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.kumki.adapter.haproxy.LoneServer;
import io.kumki.core.model.HostPort;
import io.kumki.support.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** The real PgBouncer with the real deploy/pgbouncer, whose paths and port are changed only. */
final class PgbouncerProcess implements AutoCloseable {
    static final String ADMIN = "kumki";
    static final String ADMIN_PASSWORD = "it's the admin's";

    final int port = FreePort.next();
    final Path databases;
    private final Path home;
    private Process process;

    /**
     * @param odoo what the servers hold as the password of odoo: its SCRAM secret
     */
    PgbouncerProcess(String odoo) throws IOException {
        home = Files.createTempDirectory(Path.of("/tmp"), "kumki-pgbouncer-");
        databases = home.resolve("kumki-databases.ini");
        var text =
                Files.readString(Path.of("deploy", "pgbouncer", "pgbouncer.ini"), UTF_8)
                        .replace("/etc/pgbouncer", home.toString())
                        .replace("/run/postgresql", home.toString())
                        .replace("/var/log/postgresql", home.toString())
                        .replace("listen_port = 6432", "listen_port = " + port);
        Files.writeString(home.resolve("pgbouncer.ini"), text, UTF_8);
        Files.writeString(
                home.resolve("userlist.txt"),
                "\"odoo\" \"%s\"\n\"%s\" \"%s\"\n".formatted(odoo, ADMIN, ADMIN_PASSWORD),
                UTF_8);
    }

    HostPort admin() {
        return new HostPort("127.0.0.1", port);
    }

    PgbouncerProcess start() {
        LoneServer.giveAway(home);
        var words = LoneServer.asServerUser("pgbouncer", home.resolve("pgbouncer.ini").toString());
        process = LoneServer.launch(words, home.resolve("output"));
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .ignoreExceptions()
                .until(() -> !ask("SHOW VERSION").isEmpty());
        return this;
    }

    /** The rows that the console gives, as text. */
    List<String> ask(String command) throws IOException {
        var login = new Console.Login(admin(), ADMIN, ADMIN_PASSWORD);
        try (var console = Console.open(login, Duration.ofSeconds(10))) {
            return console.ask(command).stream().map(Object::toString).toList();
        }
    }

    java.sql.Connection connect(String database) throws SQLException {
        return LoneServer.connect(port, database, Shop.USER, Shop.PASSWORD);
    }

    void crash() {
        try {
            process.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        crash();
        LoneServer.delete(home);
    }
}
