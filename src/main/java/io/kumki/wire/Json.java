package io.kumki.wire;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.kumki.agent.port.RecordCodec;
import io.kumki.core.consensus.Ballot;
import io.kumki.core.consensus.Message;
import io.kumki.core.consensus.Reply;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.HostPort;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.Lsn;
import io.kumki.core.model.NodeId;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Function;

/**
 * How our values look as JSON: the same records serve core, wire and status page, and none of them
 * knows about JSON. Values that have a text form are written as text.
 */
public final class Json {
    /** Fields that a newer agent sends are ignored, so that versions can be mixed in an upgrade. */
    public static final ObjectMapper MAPPER =
            JsonMapper.builder()
                    .addModule(new Jdk8Module())
                    .addModule(texts())
                    .addMixIn(LocalServer.class, ServerKind.class)
                    .addMixIn(Message.class, MessageKind.class)
                    .addMixIn(Reply.class, ReplyKind.class)
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
                    .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                    .build();

    private Json() {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "is")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = LocalServer.Primary.class, name = "primary"),
        @JsonSubTypes.Type(value = LocalServer.Replica.class, name = "replica"),
        @JsonSubTypes.Type(value = LocalServer.Starting.class, name = "starting"),
        @JsonSubTypes.Type(value = LocalServer.Stopping.class, name = "stopping"),
        @JsonSubTypes.Type(value = LocalServer.Stopped.class, name = "stopped"),
        @JsonSubTypes.Type(value = LocalServer.Empty.class, name = "empty"),
        @JsonSubTypes.Type(value = LocalServer.Unreachable.class, name = "unreachable")
    })
    private interface ServerKind {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "is")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Message.Prepare.class, name = "prepare"),
        @JsonSubTypes.Type(value = Message.Accept.class, name = "accept"),
        @JsonSubTypes.Type(value = Message.Readmit.class, name = "readmit")
    })
    private interface MessageKind {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "is")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Reply.Promised.class, name = "promised"),
        @JsonSubTypes.Type(value = Reply.Accepted.class, name = "accepted"),
        @JsonSubTypes.Type(value = Reply.Rejected.class, name = "rejected"),
        @JsonSubTypes.Type(value = Reply.Abstained.class, name = "abstained")
    })
    private interface ReplyKind {}

    private static SimpleModule texts() {
        var module = new SimpleModule("kumki");
        text(module, NodeId.class, NodeId::new);
        text(module, Lsn.class, Lsn::parse);
        text(module, HostPort.class, HostPort::parse);
        text(module, Ballot.class, Ballot::parse);
        return module;
    }

    private static <T> void text(SimpleModule module, Class<T> type, Function<String, T> parse) {
        module.addSerializer(
                type,
                new JsonSerializer<>() {
                    @Override
                    public void serialize(T value, JsonGenerator out, SerializerProvider all)
                            throws IOException {
                        out.writeString(value.toString());
                    }
                });
        module.addDeserializer(
                type,
                new JsonDeserializer<>() {
                    @Override
                    public T deserialize(JsonParser in, DeserializationContext context)
                            throws IOException {
                        return parse.apply(in.getValueAsString());
                    }
                });
    }

    /** One line of JSON. */
    public static String write(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write " + value.getClass() + " as JSON", e);
        }
    }

    /** One line of JSON that says which case of a sealed type it is. */
    public static <T> String writeAs(Class<T> type, T value) {
        try {
            return MAPPER.writerFor(type).writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write " + type + " as JSON", e);
        }
    }

    /**
     * @throws IllegalArgumentException if the text is not such a value
     */
    public static <T> T read(String text, Class<T> type) {
        try {
            return MAPPER.readValue(text, type);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "not a " + type.getSimpleName() + ": " + e.getOriginalMessage(), e);
        }
    }

    /** The register's text: the renewal id, a line feed, the record. */
    public static final class Records implements RecordCodec {
        private static final int KEPT = 8;
        private final Deque<Read> latest = new ArrayDeque<>();

        private record Read(String text, ClusterRecord value) {}

        /**
         * What was read keeps its text: a newer version's fields, which this one does not know,
         * must not be lost where the text says what is expected.
         */
        @Override
        public synchronized String encode(ClusterRecord clusterRecord) {
            for (var read : latest) {
                if (read.value() == clusterRecord) {
                    return read.text();
                }
            }
            return clusterRecord.tenure().renewal() + "\n" + write(clusterRecord);
        }

        /** The same text comes with every report, so the latest are kept. */
        @Override
        public synchronized ClusterRecord decode(String text) {
            for (var read : latest) {
                if (read.text().equals(text)) {
                    return read.value();
                }
            }
            var value = Json.read(text.substring(text.indexOf('\n') + 1), ClusterRecord.class);
            latest.addFirst(new Read(text, value));
            if (latest.size() > KEPT) {
                latest.removeLast();
            }
            return value;
        }
    }
}
