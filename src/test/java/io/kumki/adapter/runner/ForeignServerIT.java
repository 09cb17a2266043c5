package io.kumki.adapter.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.adapter.postgres.PgCatalog;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.LocalServer.Unreachable;
import io.vertx.mutiny.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An address may lead to another node's server: containers that restart swap theirs. */
class ForeignServerIT {
    private final Path home = RunnerProcess.freshHome();
    private final RunnerProcess anna = new RunnerProcess(home, "anna");
    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void endEverything() {
        vertx.closeAndAwait();
        anna.close();
        RunnerProcess.shell("rm -rf " + home);
    }

    @Test
    void anothersServerIsNotTakenForOurs() {
        anna.start().bootstrap();
        assertThat(anna.sql("show cluster_name")).isEqualTo("anna");

        assertThat(seenBesides("bert")).isInstanceOf(Primary.class);
        assertThat(seenBesides("anna"))
                .isInstanceOfSatisfying(
                        Unreachable.class,
                        server -> {
                            assertThat(server.reason()).contains("the server of anna answers");
                            assertThat(server.spoke()).as("ours may live").isTrue();
                        });
    }

    private LocalServer seenBesides(String other) {
        var options =
                new PgConnectOptions()
                        .setHost("127.0.0.1")
                        .setPort(anna.port)
                        .setUser("postgres")
                        .setPassword(RunnerProcess.PASSWORD)
                        .setDatabase("postgres");
        var catalog =
                new PgCatalog(
                        vertx,
                        options,
                        RunnerProcess.PATIENCE,
                        Runnable::run,
                        () -> {},
                        Set.of(other));
        return catalog.poll().await().atMost(RunnerProcess.PATIENCE);
    }
}
