package io.kumki.adapter.runner;

import static io.kumki.adapter.runner.RunnerProcess.PATIENCE;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Files of a data directory that others write, too, or keep elsewhere. */
class ConfigurationIT {
    private final Path home = RunnerProcess.freshHome();
    private final RunnerProcess anna = new RunnerProcess(home, "anna");

    @AfterEach
    void endEverything() {
        anna.close();
        RunnerProcess.shell("rm -rf " + home);
    }

    /** Whom commits wait for must not hang on the next order. */
    @Test
    void whatOthersChangeIsPutRightAndReloadedWithoutAnOrder() throws IOException {
        anna.start().bootstrap();
        anna.order("primary", 1, "sync_names=nobody");
        anna.awaitSql("show synchronous_standby_names", "nobody");

        rewrite("now");
        awaitRestored("include-line", 1);
        rewrite("1 hour ago");
        awaitRestored("include-line", 2);
        anna.sql("alter system set synchronous_standby_names = ''");
        anna.sql("select pg_reload_conf()");
        awaitRestored("postgresql.auto.conf", 1);
        RunnerProcess.shell("sed -i /synchronous/d " + anna.data.resolve("kumki.conf"));
        anna.sql("select pg_reload_conf()");
        awaitRestored("kumki.conf", 2);
    }

    /** A tool writes its own text, by rename and perhaps with the time of its template. */
    private void rewrite(String time) {
        var file = anna.data.resolve("postgresql.conf");
        RunnerProcess.asServerUser(
                "bash -c \"sed /kumki.conf/d %1$s >%1$s.tool; touch -d '%2$s' %1$s.tool;"
                        .concat(" mv %1$s.tool %1$s\"")
                        .formatted(file, time));
        anna.sql("select pg_reload_conf()");
    }

    private void awaitRestored(String what, long times) {
        await().atMost(PATIENCE).until(() -> restored(what) == times);
        anna.awaitSql("show synchronous_standby_names", "nobody");
    }

    private long restored(String what) throws IOException {
        return Files.readAllLines(anna.log()).stream()
                .filter(row -> row.contains("written=" + what + " reloaded=1"))
                .count();
    }
}
