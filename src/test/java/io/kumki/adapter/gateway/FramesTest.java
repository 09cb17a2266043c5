package io.kumki.adapter.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** However a stream is cut into pieces, the same messages are seen. */
class FramesTest {
    private static final int SEEDS = 500;

    /** What a reader was told, with the first bytes that it wanted. */
    private record Seen(char type, int body, String head) {}

    private static final class Notes implements Frames.Reader {
        private final List<Seen> seen = new ArrayList<>();

        @Override
        public int wants(byte type, int body) {
            return wanted((char) type);
        }

        @Override
        public void message(byte type, int body, byte[] head) {
            int length = Math.min(body, wanted((char) type));
            seen.add(new Seen((char) type, body, new String(head, 0, length, ISO_8859_1)));
        }
    }

    private static int wanted(char type) {
        return type == 'K' ? 260 : type == 'Z' ? 1 : type == 'Q' ? 20 : 0;
    }

    @Test
    void theSameMessagesAreSeenHoweverTheStreamIsCut() {
        for (int seed = 0; seed < SEEDS; seed++) {
            var random = new Random(seed);
            var stream = Unpooled.buffer();
            var expected = new ArrayList<Seen>();
            for (int i = 0; i < 30; i++) {
                expected.add(add(stream, random));
            }
            var notes = new Notes();
            var frames = new Frames(notes);
            int most = 1 + random.nextInt(100);
            while (stream.isReadable()) {
                int length = Math.min(stream.readableBytes(), 1 + random.nextInt(most));
                frames.scan(stream.readSlice(length));
            }
            assertThat(notes.seen).as("seed %d", seed).isEqualTo(expected);
            assertThat(frames.atBoundary()).as("seed %d", seed).isTrue();
        }
    }

    @Test
    void aBoundaryIsOnlyWhereAMessageEnds() {
        var stream = Unpooled.buffer();
        add(stream, new Random(1));
        var frames = new Frames(new Notes());
        while (stream.readableBytes() > 1) {
            frames.scan(stream.readSlice(1));
            assertThat(frames.atBoundary()).isFalse();
        }
        frames.scan(stream);
        assertThat(frames.atBoundary()).isTrue();
    }

    @Test
    void whatIsNoMessageIsNotFollowed() {
        var notes = new Notes();
        var frames = new Frames(notes);

        frames.scan(Unpooled.buffer().writeByte('Q').writeInt(3).writeByte('Z').writeInt(4));

        assertThat(frames.lost()).isTrue();
        assertThat(frames.atBoundary()).isFalse();
        assertThat(notes.seen).isEmpty();
    }

    @Test
    void nothingIsTakenFromTheBytes() {
        var stream = Unpooled.buffer();
        add(stream, new Random(3));
        var before = stream.copy();

        new Frames(new Notes()).scan(stream);

        assertThat(stream).isEqualTo(before);
    }

    private static Seen add(ByteBuf stream, Random random) {
        char type = "ZKQDTCE".charAt(random.nextInt(7));
        int length = random.nextInt(4) == 0 ? 0 : random.nextInt(random.nextBoolean() ? 8 : 600);
        var body = new byte[length];
        random.nextBytes(body);
        stream.writeByte(type).writeInt(4 + length).writeBytes(body);
        int shown = Math.min(length, wanted(type));
        return new Seen(type, length, new String(body, 0, shown, ISO_8859_1));
    }
}
