package io.kumki.adapter.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

/** When a session is between transactions, told from the messages that pass. */
class ConversationTest {
    private final Conversation talk = new Conversation();
    private long now = 1_000;

    @Test
    void theStartupEndsWithTheFirstReadyForQuery() {
        server('R', "\0\0\0\0").server('K', "\0\0\0\7abcd");
        assertThat(talk.idle()).isFalse();
        server('Z', "I");

        assertThat(talk.idle()).isTrue();
        assertThat(talk.fresh()).isTrue();
        assertThat(talk.idleSince()).isEqualTo(now);
        assertThat(talk.key()).hasValueSatisfying(k -> assertThat(k).hasSize(8));
    }

    @Test
    void aPasswordIsNoUse() {
        server('R', "\0\0\0\12").client('p', "SCRAM").server('R', "\0\0\0\0").server('Z', "I");

        assertThat(talk.fresh()).isTrue();
    }

    @Test
    void aTransactionIsOpenUntilTheServerSaysSo() {
        start().query("begin");
        assertThat(talk.idle()).isFalse();
        server('C', "BEGIN\0").server('Z', "T");
        assertThat(talk.idle()).isFalse();
        query("oops").server('E', "SERROR\0\0").server('Z', "E");
        assertThat(talk.idle()).isFalse();
        query("rollback").server('C', "ROLLBACK\0").server('Z', "I");

        assertThat(talk.idle()).isTrue();
        assertThat(talk.fresh()).isFalse();
    }

    @Test
    void everyAnswerMustHaveCome() {
        start().query("select 1").query("select 2").server('Z', "I");
        assertThat(talk.idle()).isFalse();
        server('Z', "I");
        assertThat(talk.idle()).isTrue();
    }

    @Test
    void theExtendedProtocolEndsWithSync() {
        start().client('P', "\0select 1\0\0\0").client('B', "\0\0").client('E', "\0\0\0\0\0");
        assertThat(talk.idle()).isFalse();
        client('S', "").server('1', "").server('2', "").server('C', "SELECT\0");
        assertThat(talk.idle()).isFalse();
        server('Z', "I");
        assertThat(talk.idle()).isTrue();
    }

    @Test
    void messagesOfTheServerAloneChangeNothing() {
        start().query("listen bus").server('C', "LISTEN\0").server('Z', "I");
        long since = talk.idleSince();
        server('A', "\0\0\0\7bus\0\0").server('N', "SNOTICE\0\0").server('S', "TimeZone\0UTC\0");

        assertThat(talk.idle()).isTrue();
        assertThat(talk.idleSince()).isEqualTo(since);
    }

    @Test
    void copyInBySimpleQuery() {
        start().query("copy t from stdin").server('G', "\0\0\0").client('d', "1\n");
        assertThat(talk.idle()).isFalse();
        client('c', "").server('C', "COPY 1\0").server('Z', "I");
        assertThat(talk.idle()).isTrue();
    }

    /** The server ignores the Sync that was sent along; libpq sends another when the rows end. */
    @Test
    void copyInByExtendedQuery() {
        start().client('P', "").client('B', "").client('E', "").client('S', "");
        server('1', "").server('2', "").server('G', "\0\0\0").client('d', "1\n");
        client('c', "").client('S', "").server('C', "COPY 1\0");
        assertThat(talk.idle()).isFalse();
        server('Z', "I");
        assertThat(talk.idle()).isTrue();
    }

    @Test
    void copyInThatFails() {
        start().query("copy t from stdin").server('G', "\0\0\0").client('d', "x\n");
        server('E', "SERROR\0\0").server('Z', "I").client('d', "y\n").client('c', "");
        assertThat(talk.idle()).isFalse();
        query("select 1").server('Z', "I");
        assertThat(talk.idle()).isTrue();
    }

    @Test
    void aMessageHalfSentIsNoIdleSession() {
        start();
        var half = message('Q', "select 1\0");
        talk.toServer(half.readSlice(3), ++now);
        assertThat(talk.idle()).isFalse();
        talk.toServer(half, ++now);
        server('Z', "I");
        assertThat(talk.idle()).isTrue();
    }

    @Test
    void aResetIsKnownInAnyForm() {
        for (var text : new String[] {"DISCARD ALL", "discard all;", "  Discard\n all ; "}) {
            assertThat(Conversation.isReset(message('Q', text + "\0"))).as(text).isTrue();
            start().query("select 1").server('Z', "I");
            assertThat(talk.fresh()).isFalse();
            query(text).server('C', "DISCARD ALL\0").server('Z', "I");
            assertThat(talk.fresh()).as(text).isTrue();
        }
        for (var text : new String[] {"discard plans", "discard all; select 1", "discardall", ""}) {
            assertThat(Conversation.isReset(message('Q', text + "\0"))).as(text).isFalse();
        }
        var two = Unpooled.wrappedBuffer(message('Q', "discard all\0"), message('Q', "begin\0"));
        assertThat(Conversation.isReset(two)).isFalse();
        assertThat(Conversation.isReset(message('P', "discard all\0"))).isFalse();
    }

    @Test
    void whatMakesNoSenseIsLost() {
        start();
        talk.toClient(Unpooled.buffer().writeByte('Z').writeInt(1), ++now);

        assertThat(talk.lost()).isTrue();
        assertThat(talk.idle()).isFalse();
        assertThat(talk.clientAtBoundary()).isFalse();
    }

    private ConversationTest start() {
        return server('R', "\0\0\0\0").server('Z', "I");
    }

    private ConversationTest query(String sql) {
        return client('Q', sql + "\0");
    }

    private ConversationTest client(char type, String body) {
        talk.toServer(message(type, body), ++now);
        return this;
    }

    private ConversationTest server(char type, String body) {
        talk.toClient(message(type, body), ++now);
        return this;
    }

    private static ByteBuf message(char type, String body) {
        var bytes = body.getBytes(UTF_8);
        return Unpooled.buffer().writeByte(type).writeInt(4 + bytes.length).writeBytes(bytes);
    }
}
