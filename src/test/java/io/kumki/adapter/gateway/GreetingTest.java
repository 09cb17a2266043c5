package io.kumki.adapter.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The first packet, whole, in pieces, and from people who speak something else. */
class GreetingTest {
    private static final int PROTOCOL_3 = 3 << 16;

    @Test
    void theFourPacketsAreTold() {
        var startup = packet(PROTOCOL_3, "user\0odoo\0\0");
        assertThat(Greeting.read(startup.copy()))
                .isInstanceOfSatisfying(
                        Greeting.Startup.class,
                        s -> assertThat(Unpooled.wrappedBuffer(s.packet())).isEqualTo(startup));
        assertThat(Greeting.read(packet(80877103, ""))).isInstanceOf(Greeting.TlsRequest.class);
        assertThat(Greeting.read(packet(80877104, ""))).isInstanceOf(Greeting.GssRequest.class);
    }

    @Test
    void aClientHelloIsOneWholeRecord() {
        var hello = Unpooled.wrappedBuffer(new byte[] {0x16, 3, 1, 0, 3, 1, 2, 3});
        for (int length = 1; length < hello.readableBytes(); length++) {
            assertThat(Greeting.read(hello.copy(0, length)))
                    .isInstanceOf(Greeting.Incomplete.class);
        }
        assertThat(Greeting.read(hello)).isInstanceOf(Greeting.ClientHello.class);
        assertThat(hello.readableBytes()).isEqualTo(8);
        var endless = Unpooled.wrappedBuffer(new byte[] {0x16, 3, 1, 127, 127, 1});
        assertThat(Greeting.read(endless)).isInstanceOf(Greeting.Garbage.class);
    }

    /** The secret is 4 bytes long, or up to 256 since PostgreSQL 18. */
    @Test
    void aCancelRequestHoldsAKey() {
        for (var secret : new String[] {"abcd", "x".repeat(256)}) {
            assertThat(Greeting.read(packet(80877102, "\0\0\0\7" + secret)))
                    .isInstanceOfSatisfying(
                            Greeting.Cancel.class,
                            c ->
                                    assertThat(new String(c.key(), ISO_8859_1))
                                            .isEqualTo("\0\0\0\7" + secret));
        }
    }

    @Test
    void whatFollowsStaysForTheNextReader() {
        var bytes = Unpooled.wrappedBuffer(packet(PROTOCOL_3, "user\0odoo\0\0"), packet(1, "rest"));

        assertThat(Greeting.read(bytes)).isInstanceOf(Greeting.Startup.class);
        assertThat(bytes.readableBytes()).isEqualTo(12);
    }

    @Test
    void aPacketInPiecesIsAwaited() {
        var whole = packet(PROTOCOL_3, "user\0odoo\0\0");
        for (int length = 0; length < whole.readableBytes(); length++) {
            var part = whole.copy(0, length);
            assertThat(Greeting.read(part))
                    .as("%d bytes", length)
                    .isInstanceOf(Greeting.Incomplete.class);
            assertThat(part.readableBytes()).isEqualTo(length);
        }
    }

    @Test
    void anythingElseIsGarbage() {
        for (var words :
                new String[] {"GET / HTTP/1.1\r\n", "\0\1\0\0\0\3\0\0", "\0\0\0\7\0\3\0\0"}) {
            assertThat(Greeting.read(Unpooled.wrappedBuffer(words.getBytes(ISO_8859_1))))
                    .isInstanceOf(Greeting.Garbage.class);
        }
        assertThat(Greeting.read(packet(2 << 16, "old"))).isInstanceOf(Greeting.Garbage.class);
        assertThat(Greeting.read(packet(80877103, "more"))).isInstanceOf(Greeting.Garbage.class);
        assertThat(Greeting.read(packet(80877102, "\0\0\0\7")))
                .isInstanceOf(Greeting.Garbage.class);
        assertThat(Greeting.read(packet(PROTOCOL_3, "x".repeat(Greeting.LONGEST))))
                .isInstanceOf(Greeting.Garbage.class);
    }

    /** No bytes whatever may make it throw, or take more than there is. */
    @Test
    void noiseDoesNoHarm() {
        var random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            var noise = new byte[random.nextInt(40)];
            random.nextBytes(noise);
            if (noise.length > 3 && random.nextBoolean()) {
                noise[0] = 0;
                noise[1] = 0;
                noise[2] = 0;
            }
            assertThat(Greeting.read(Unpooled.wrappedBuffer(noise))).isNotNull();
        }
    }

    private static ByteBuf packet(int code, String rest) {
        return Unpooled.buffer()
                .writeInt(8 + rest.length())
                .writeInt(code)
                .writeBytes(rest.getBytes(ISO_8859_1));
    }
}
