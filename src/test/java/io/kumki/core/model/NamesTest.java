package io.kumki.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

/** NodeId and HostPort. */
class NamesTest {
    @Test
    void aNodesNameIsAlsoAHostNameAndPartOfASlotsName() {
        assertThat(new NodeId("pg-1").slot()).isEqualTo("kumki_pg_1");
        assertThat(new NodeId("a")).hasToString("a");
        assertThat(new NodeId("a".repeat(40)).slot()).hasSizeLessThan(64);
        assertThat(new NodeId("a")).isLessThan(new NodeId("b"));
    }

    @Test
    void otherNamesAreRefused() {
        var wrong = new String[] {"", "A", "n_1", "-n", "n-", "n 1", "n\"", "a".repeat(41), "ä"};
        for (var name : wrong) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new NodeId(name))
                    .withMessageContaining("\"" + name + "\"");
        }
    }

    @Test
    void twoNamesNeverShareASlot() {
        assertThatIllegalArgumentException().isThrownBy(() -> new NodeId("n_1"));
        assertThat(new NodeId("n-1").slot()).isNotEqualTo(new NodeId("n1").slot());
    }

    @Test
    void anAddressIsReadBack() {
        assertThat(HostPort.parse("db:5432")).isEqualTo(new HostPort("db", 5432));
        assertThat(HostPort.parse("[::1]:5432")).isEqualTo(new HostPort("::1", 5432));
        assertThat(new HostPort("::1", 5432)).hasToString("[::1]:5432");
        assertThat(HostPort.parse("::1:5432")).isEqualTo(new HostPort("::1", 5432));
    }

    @Test
    void whatIsNoAddressIsRefused() {
        for (var text : new String[] {"", "db", ":5432", "db:", "db:x", "db:0", "db:65536"}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> HostPort.parse(text))
                    .withMessageContaining("HOST:PORT");
        }
    }
}
