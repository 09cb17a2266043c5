package io.kumki.adapter.odoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kumki.core.model.HostPort;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OdooConfTest {
    private static final HostPort WRITER = new HostPort("10.0.0.1", 5433);
    private static final HostPort READER = new HostPort("10.0.0.2", 5434);
    private static final Endpoints BOTH = new Endpoints(WRITER, Optional.of(READER));
    private static final Endpoints ALONE = new Endpoints(WRITER, Optional.empty());

    private static String rewritten(String text, Endpoints wanted) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new String(
                OdooConf.parse("odoo.conf", bytes).rewrite(wanted), StandardCharsets.UTF_8);
    }

    @Test
    void aPlainFileChangesInItsFourLinesOnly() {
        String text =
                """
                ; Odoo of the shop
                [options]
                admin_passwd = süß%s
                DB_Host=old
                db_port:5432
                db_replica_host  =  older
                db_replica_port = 1
                workers = 2
                """;
        assertThat(rewritten(text, BOTH))
                .isEqualTo(
                        text.replace("DB_Host=old\n", "DB_Host= 10.0.0.1\n")
                                .replace("db_port:5432", "db_port: 5433")
                                .replace(
                                        "db_replica_host  =  older", "db_replica_host  =  10.0.0.2")
                                .replace("db_replica_port = 1", "db_replica_port = 5434"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                // absent: below the section's line, with the file's own line end and none at its
                // end
                "[options]|[options]~db_host = 10.0.0.1~db_port = 5433",
                "[options]^~a = b^~|[options]^~db_host = 10.0.0.1^~db_port = 5433^~a = b^~",
                // an entry of an indented block must not swallow its neighbours
                "[options]~  a = b~|[options]~  db_host = 10.0.0.1~  db_port = 5433~  a = b~",
                // a comment that names the key is kept and shows the place
                "[options]~a = b~#db_host = x y~db_port = 1~"
                        + "|[options]~a = b~#db_host = x y~db_host = 10.0.0.1~db_port = 5433~",
                // but not inside a continued value
                "[options]~a = b~# db_host~  c~db_port = 1~"
                        + "|[options]~db_host = 10.0.0.1~a = b~# db_host~  c~db_port = 5433~",
                // continuation lines go with their key, comments among them stay
                "[options]~db_host = a~  b~# note~  c~db_port = 1~"
                        + "|[options]~db_host = 10.0.0.1~# note~db_port = 5433~",
                // [DEFAULT] is beaten from within [options]
                "[DEFAULT]~db_host = d~db_port = 5433~[options]~a = b~"
                        + "|[DEFAULT]~db_host = d~db_port = 5433~[options]~"
                        + "db_host = 10.0.0.1~a = b~",
                // an indented header after a key is that key's value, not a section
                "[options]~a = b~  [x]~db_host = c~db_port = 5433~"
                        + "|[options]~a = b~  [x]~db_host = 10.0.0.1~db_port = 5433~",
                // other sections keep their keys of the same name
                "[queue]~db_host = q~[options]~db_host = c~db_port = 5433~"
                        + "|[queue]~db_host = q~[options]~db_host = 10.0.0.1~db_port = 5433~",
            })
    void oddLayoutsWithoutReplica(String before, String after) {
        String expected = lines(after);
        assertThat(rewritten(lines(before), ALONE)).isEqualTo(expected);
        assertThat(rewritten(expected, ALONE)).isEqualTo(expected);
    }

    private static String lines(String shown) {
        return shown.replace('~', '\n').replace('^', '\r');
    }

    @Test
    void withdrawingAndRestoringTheReplicaGivesTheSameBytes() {
        String text = rewritten("[options]\n# db_replica_host = see manual\nb = c\n", BOTH);
        String without = rewritten(text, ALONE);
        assertThat(without)
                .contains("\n; db_replica_host = 10.0.0.2\n", "\n; db_replica_port = 5434\n")
                .contains("# db_replica_host = see manual\n");
        assertThat(rewritten(without, ALONE)).isEqualTo(without);
        assertThat(rewritten(without, BOTH)).isEqualTo(text);
    }

    @Test
    void aFileWhoseCommentsOdooDroppedGetsItsReplicaBackAllTheSame() {
        String saved = "[options]\ndb_host = 10.0.0.1\ndb_port = 5433\nworkers = 2\n\n";
        assertThat(rewritten(saved, BOTH))
                .isEqualTo(
                        saved.replace(
                                "[options]\n",
                                "[options]\ndb_replica_host = 10.0.0.2\ndb_replica_port = 5434\n"));
    }

    @Test
    void falseAndNoneMeanNoReplicaAndStay() {
        String text =
                "[options]\ndb_host = 10.0.0.1\ndb_port = 5433\n"
                        + "db_replica_host = False\ndb_replica_port = None\n";
        assertThat(rewritten(text, ALONE)).isEqualTo(text);
    }

    @Test
    void anEmptyReplicaIsCommentedOutAsItWouldTurnOnDevelopmentMode() {
        assertThat(rewritten("[options]\ndb_replica_host =\ndb_replica_port =\n", ALONE))
                .contains("; db_replica_host =\n", "; db_replica_port =\n");
    }

    @Test
    void aReplicaFromDefaultIsSilencedWithFalse() {
        String text = "[DEFAULT]\ndb_replica_host = r\ndb_replica_port = 1\n[options]\n";
        String without = rewritten(text, ALONE);
        assertThat(without)
                .contains("[options]\ndb_host = 10.0.0.1\n")
                .contains("\ndb_replica_host = False\ndb_replica_port = False\n");
        assertThat(rewritten(without, ALONE)).isEqualTo(without);
        assertThat(rewritten(without, BOTH)).contains("\ndb_replica_host = 10.0.0.2\n");
    }

    @Test
    void bytesThatAreNotUtf8Stay() {
        byte[] bytes =
                "[options]\npw = \u00e9\u00ff\ndb_host = a\n".getBytes(StandardCharsets.ISO_8859_1);
        byte[] after = OdooConf.parse("odoo.conf", bytes).rewrite(ALONE);
        assertThat(new String(after, StandardCharsets.ISO_8859_1))
                .isEqualTo("[options]\ndb_port = 5433\npw = \u00e9\u00ff\ndb_host = 10.0.0.1\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[options]~db_host = a~DB_HOST = b~|line 3 has key db_host a second time",
                "[options]~a = b~[options]~|line 3 has section [options] a second time",
                "[options]~workers~|line 2 has a key without a value",
                "[options]~= b~|line 2 has a value without a key",
                "\uFEFF[options]~|line 1 has a byte order mark",
                "a = b~[options]~|line 1 has text before any section",
                "[Options]~a = b~|there is no section [options], only [Options]",
            })
    void whatOdooWouldRefuseOrIgnoreIsRefusedWithLineAndAdvice(String text, String found) {
        assertThatThrownBy(() -> rewritten(lines(text), BOTH))
                .isInstanceOf(OdooConfException.class)
                .hasMessageStartingWith("refusing to rewrite odoo.conf: " + found)
                .hasMessageContaining("; expected ")
                .hasMessageContaining("Nothing was changed.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a;b", "a,b", "False", "None", "a\nb", "-x", "a=b"})
    void aHostThatCouldNotStandInTheFileIsNoHost(String host) {
        assertThat(Endpoints.isHost(host)).isFalse();
    }

    @Test
    void suchAHostIsNeverWritten() {
        var bad = new HostPort("a; b", 5432);
        assertThatThrownBy(() -> new Endpoints(bad, Optional.empty()))
                .hasMessageContaining("a database host must be one name or address, got \"a; b\"");
        assertThatThrownBy(() -> new Endpoints(WRITER, Optional.of(bad)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
