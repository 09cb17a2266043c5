package io.kumki.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kumki.core.model.NodeId;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An operator's body is understood as a whole or refused as a whole. */
class OrderTest {
    private static final List<String> FIELDS = List.of("to", "force", "reason");

    private static Order read(String body) {
        return Order.read(body, Set.of(), FIELDS);
    }

    private static void understand(String body) {
        var order = read(body);
        order.node("to");
        order.flag("force");
        order.reason();
    }

    @Test
    void whatIsKnownIsTaken() {
        var order = read("{\"to\":\"n2\",\"force\":true,\"reason\":\"kernel update\"}");
        assertThat(order.node("to")).contains(new NodeId("n2"));
        assertThat(order.flag("force")).isTrue();
        assertThat(order.reason()).isEqualTo("kernel update");
        for (var nothing : List.of("", " \n", "{}")) {
            assertThat(read(nothing).node("to")).isEmpty();
            assertThat(read(nothing).flag("force")).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0001',
            value = {
                "{\"target\":\"n2\"}|unknown field \"target\"",
                "{\"candidate\":\"n2\"}|unknown field",
                "{\"to\":\"n2\",\"dryRun\":true}|unknown field \"dryRun\"",
                "{\"To\":\"n2\"}|unknown field",
                "{\"to\":5}|`to` is 5; expected the name of a node in quotes",
                "{\"to\":null}|`to` is null",
                "{\"to\":\"\"}|expected the name of a node",
                "{\"to\":[\"n2\"]}|expected the name of a node",
                "{\"to\":{\"name\":\"n2\"}}|expected the name of a node",
                "{\"to\":true}|expected the name of a node",
                "{\"force\":\"true\"}|`force` is 'true'; expected true or false",
                "{\"force\":1}|expected true or false",
                "{\"force\":null}|expected true or false",
                "{\"reason\":7}|`reason` is 7",
                "{\"to\":\"n2\",\"to\":\"n3\"}|not JSON",
                "{\"to\":\"n2\"} {\"to\":\"n3\"}|not JSON",
                "[\"n2\"]|no JSON object",
                "\"n2\"|no JSON object",
                "n2|not JSON",
                "to=n2&force=true|not JSON",
                "{\"to\":\"n2\"|not JSON",
                "null|no JSON object"
            })
    void whatIsNotKnownRefusesTheWhole(String body, String said) {
        assertThatThrownBy(() -> understand(body))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(said)
                .hasMessageContaining("Nothing was done");
    }

    @ParameterizedTest
    @ValueSource(strings = {"to", "force", "dryRun", "reason"})
    void whatStandsInTheQueryIsNotReadSoItIsRefused(String parameter) {
        assertThatThrownBy(() -> Order.read("", Set.of(parameter), FIELDS))
                .hasMessageContaining("query parameters are not read here")
                .hasMessageContaining(parameter);
    }

    @Test
    void aCallWithoutFieldsOfItsOwnTakesNone() {
        assertThatThrownBy(() -> Order.read("{\"node\":\"n1\"}", Set.of(), List.of("reason")))
                .hasMessageContaining("unknown field \"node\"; expected a JSON body with reason");
    }

    @Test
    void aReasonMakesNoLinesOfItsOwnInTheLog() {
        assertThatThrownBy(() -> read("{\"reason\":\"a\\nWARN all is well\"}").reason())
                .hasMessageContaining("one line");
        assertThatThrownBy(() -> read("{\"reason\":\"" + "x".repeat(201) + "\"}").reason())
                .hasMessageContaining("200");
        assertThat(Order.printable("a\r\nb\u001b[0m\"c\"")).isEqualTo("a  b [0m'c'");
    }

    @Test
    void aProbeWithAFilterThatWouldNotBeKeptIsRefused() {
        BalancerResource.refuseOthers(Set.of("lag"));
        assertThatThrownBy(() -> BalancerResource.refuseOthers(Set.of("lag", "tag_x")))
                .hasMessage("unknown query parameter tag_x; expected lag, or none");
    }
}
