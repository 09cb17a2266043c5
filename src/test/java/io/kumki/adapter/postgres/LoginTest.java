package io.kumki.adapter.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.mutiny.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What our sessions begin with; that it helps on a real server is OurSessionsIT's. */
class LoginTest {
    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() {
        vertx.closeAndAwait();
    }

    @Test
    void noSessionOfOursTakesOverADefaultThatCouldBreakIt() {
        var given = new PgConnectOptions().addProperty("statement_timeout", "5ms");
        var pinned = new Login(vertx, given).pinned(16).getProperties();
        assertThat(pinned)
                .containsEntry("default_transaction_isolation", "read committed")
                .containsEntry("statement_timeout", "0")
                .containsEntry("idle_session_timeout", "0")
                .containsEntry("TimeZone", "UTC");
    }

    @Test
    void whatTheCallerAddsStays() {
        var given = new PgConnectOptions().addProperty("synchronous_commit", "local");
        assertThat(new Login(vertx, given).pinned(16).getProperties())
                .containsEntry("synchronous_commit", "local");
    }

    /** An unknown parameter is refused: the session would not come about at all. */
    @Test
    void anOlderServerIsNotToldWhatItDoesNotKnow() {
        var login = new Login(vertx, new PgConnectOptions());
        assertThat(login.pinned(13).getProperties())
                .doesNotContainKeys("idle_session_timeout", "transaction_timeout");
        assertThat(login.pinned(16).getProperties()).doesNotContainKey("transaction_timeout");
        assertThat(login.pinned(17).getProperties()).containsEntry("transaction_timeout", "0");
    }
}
