package io.kumki.adapter.odoo;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.HostPort;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random files, judged by the parser that Odoo uses. More luck: {@code -Dodoo.conf.seed=7
 * -Dodoo.conf.files=100000}. A failure names the seed of its one file and shows the fewest lines
 * that still fail.
 */
class OdooConfPythonTest {
    private static final Endpoints BOTH =
            new Endpoints(
                    new HostPort("10.0.0.1", 5433), Optional.of(new HostPort("pg-b.lan", 6432)));
    private static final Endpoints ALONE = new Endpoints(BOTH.writer(), Optional.empty());
    private static final String FULL = "10.0.0.1 5433 pg-b.lan 6432";
    private static final String WANTED = FULL + "|10.0.0.1 5433 - -|" + FULL;

    @TempDir Path folder;
    private ConfJudge judge;

    @BeforeEach
    void start() throws Exception {
        judge = new ConfJudge(folder.resolve("errors"));
    }

    @AfterEach
    void stop() {
        judge.close();
    }

    @Test
    void pythonReadsEveryRewriteAsWantedAndRefusesWhatWeRefuse() {
        long first = Long.getLong("odoo.conf.seed", 1L);
        int files = Integer.getInteger("odoo.conf.files", 3000);
        int refused = 0;
        for (long seed = first; seed < first + files; seed++) {
            var sample = ConfSample.of(new Random(seed));
            var fault = fault(sample);
            if (fault.isPresent()) {
                var small = smallest(sample);
                throw new AssertionError(
                        "-Dodoo.conf.seed=%d -Dodoo.conf.files=1: %s%n%s"
                                .formatted(seed, fault(small).orElseThrow(), small));
            }
            refused += judge.judge(sample.bytes()).equals(ConfJudge.REFUSED) ? 1 : 0;
        }
        if (files >= 100) {
            assertThat(refused).as("both kinds occur").isBetween(files / 20, files / 2);
        }
    }

    @Test
    void theJudgeSeesWhatIsWrong() {
        byte[] before = "[options]\na = b\ndb_host = x\n".getBytes();
        assertThat(judge.judge(before, "[options]\na = c\ndb_host = y\n".getBytes()))
                .startsWith("added ['a = c'], removed ['a = b']");
        assertThat(judge.judge(before, "[options]\ndb_host = y\n".getBytes()))
                .isEqualTo("added [], removed ['a = b']");
        assertThat(judge.judge(before, "[options]\na = b\n db_port = 1\n".getBytes()))
                .isEqualTo("DIFFERENT");
        assertThat(judge.judge(before, "[options]\na = b\ndb_host = y\ndb_HOST:z".getBytes()))
                .isEqualTo("BROKEN DuplicateOptionError");
        assertThat(judge.judge(before, before)).isEqualTo("x - - -");
        assertThat(judge.judge("\uFEFF[options]\n".getBytes())).isEqualTo(ConfJudge.REFUSED);
    }

    /** Withdraws and restores too; a second rewrite must change no byte. */
    private Optional<String> fault(ConfSample sample) {
        byte[] before = sample.bytes();
        try {
            byte[] both = OdooConf.parse("f", before).rewrite(BOTH);
            byte[] alone = OdooConf.parse("f", both).rewrite(ALONE);
            byte[] again = OdooConf.parse("f", alone).rewrite(BOTH);
            assertThat(OdooConf.parse("f", before).bytes()).isEqualTo(before);
            assertThat(OdooConf.parse("f", both).rewrite(BOTH)).isEqualTo(both);
            assertThat(OdooConf.parse("f", alone).rewrite(ALONE)).isEqualTo(alone);
            assertThat(OdooConf.parse("f", again).rewrite(ALONE)).isEqualTo(alone);
            String verdict = judge.judge(before, both, alone, again);
            return Optional.of(verdict).filter(it -> !it.equals(WANTED));
        } catch (OdooConfException e) {
            boolean agreed = judge.judge(before).equals(ConfJudge.REFUSED);
            boolean known = !e.getMessage().contains("report this");
            return agreed && known ? Optional.empty() : Optional.of("we: " + e.getMessage());
        } catch (RuntimeException | AssertionError e) {
            return Optional.of(e.toString());
        }
    }

    private ConfSample smallest(ConfSample failing) {
        for (int line = 0; line < failing.lines().size(); line++) {
            var smaller = failing.without(line);
            if (fault(smaller).isPresent()) {
                return smallest(smaller);
            }
        }
        return failing;
    }
}
