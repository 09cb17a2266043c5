package io.kumki.adapter.odoo;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.HostPort;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DoorbellTest {
    private final Doorbell doorbell = new Doorbell(Duration.ofSeconds(10));
    private Postmaster server;

    @BeforeEach
    void start() throws Exception {
        server = new Postmaster();
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    @Test
    void aServerThatAsksForThePasswordIsOpen() {
        assertThat(doorbell.refusal(server.address(), "odöo")).isEmpty();
        assertThat(server.startups())
                .containsExactly("user|odöo|database|postgres|application_name|kumki||");
    }

    @Test
    void aServerThatRefusesThisUserOnlyIsOpenToo() {
        server.be(Postmaster.Mood.NO_SUCH_USER);
        assertThat(doorbell.refusal(server.address(), "odoo")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "STARTING_UP,refuses: 57P03 the database system is starting up",
        "CLOSING,closed the connection",
        "BABBLING,does not speak as PostgreSQL does"
    })
    void othersAreNot(Postmaster.Mood mood, String reason) {
        server.be(mood);
        assertThat(doorbell.refusal(server.address(), "odoo"))
                .contains(server.address() + " " + reason);
    }

    @Test
    void aSilentServerIsNot() {
        server.be(Postmaster.Mood.SILENT);
        assertThat(new Doorbell(Duration.ofMillis(100)).refusal(server.address(), "odoo"))
                .contains(server.address() + " gave no answer in 100 ms");
    }

    @Test
    void aServerThatIsGoneIsNot() throws Exception {
        server.close();
        assertThat(doorbell.refusal(server.address(), "odoo").orElseThrow())
                .contains("can't be reached");
    }

    @Test
    void theFolderOfAUnixSocketIsNotTried() {
        assertThat(doorbell.refusal(new HostPort("/run/postgresql", 5432), "odoo")).isEmpty();
    }
}
