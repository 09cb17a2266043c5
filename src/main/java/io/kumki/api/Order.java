package io.kumki.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.kumki.core.model.NodeId;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What an operator's call says. Nothing is guessed: a word that is not known here, twice there or
 * of another type refuses the whole, because what was meant by it would not be done.
 */
final class Order {
    private static final int LONGEST_REASON = 200;

    private static final ObjectReader STRICT =
            JsonMapper.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build()
                    .readerFor(JsonNode.class);

    private final JsonNode body;

    private Order(JsonNode body) {
        this.body = body;
    }

    /**
     * @param body empty, or a JSON object with some of these fields
     * @param parameters of the query: there are none
     * @throws IllegalArgumentException with what was found and expected
     */
    static Order read(String body, Set<String> parameters, List<String> fields) {
        if (!parameters.isEmpty()) {
            throw new IllegalArgumentException(
                    "query parameters are not read here, got %s; %s. Nothing was done"
                            .formatted(parameters.stream().sorted().toList(), known(fields)));
        }
        if (body == null || body.isBlank()) {
            return new Order(MissingNode.getInstance());
        }
        var node = parsed(body, fields);
        if (!node.isObject()) {
            throw new IllegalArgumentException(
                    "the body is no JSON object; %s. Nothing was done".formatted(known(fields)));
        }
        node.fieldNames()
                .forEachRemaining(
                        name -> {
                            if (!fields.contains(name)) {
                                throw new IllegalArgumentException(
                                        "unknown field \"%s\"; %s. Nothing was done"
                                                .formatted(printable(name), known(fields)));
                            }
                        });
        return new Order(node);
    }

    private static JsonNode parsed(String body, List<String> fields) {
        try {
            return STRICT.readValue(body);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "the body is not JSON (%s); %s. Nothing was done"
                            .formatted(printable(e.getOriginalMessage()), known(fields)),
                    e);
        }
    }

    private static String known(List<String> fields) {
        return fields.isEmpty()
                ? "no body is expected"
                : "expected a JSON body with " + String.join(", ", fields) + ", or some of them";
    }

    Optional<NodeId> node(String field) {
        return text(field, "the name of a node").map(NodeId::new);
    }

    boolean flag(String field) {
        var value = body.path(field);
        if (value.isMissingNode()) {
            return false;
        }
        if (!value.isBoolean()) {
            throw wrong(field, "true or false", value);
        }
        return value.booleanValue();
    }

    /** Why it is asked for; empty if that was not said. */
    String reason() {
        var reason = text("reason", "a text").orElse("");
        if (reason.length() > LONGEST_REASON || !reason.equals(printable(reason))) {
            throw new IllegalArgumentException(
                    "`reason` must be one line of at most %d characters. Nothing was done"
                            .formatted(LONGEST_REASON));
        }
        return reason;
    }

    Optional<String> text(String field, String what) {
        var value = body.path(field);
        if (value.isMissingNode()) {
            return Optional.empty();
        }
        if (!value.isTextual() || value.textValue().isBlank()) {
            throw wrong(field, what + " in quotes", value);
        }
        return Optional.of(value.textValue());
    }

    private static IllegalArgumentException wrong(String field, String expected, JsonNode found) {
        return new IllegalArgumentException(
                "`%s` is %s; expected %s. Nothing was done"
                        .formatted(field, printable(found.toString()), expected));
    }

    /** For logs and answers: a caller's text makes no lines of its own. */
    static String printable(String text) {
        var line = text.replaceAll("\\p{Cntrl}", " ").replace('"', '\'').strip();
        return line.length() > LONGEST_REASON ? line.substring(0, LONGEST_REASON) + "..." : line;
    }
}
