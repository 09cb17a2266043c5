package io.kumki.adapter.gateway;

import io.netty.buffer.ByteBuf;

/**
 * Follows one direction of a session from message to message: a type byte, a length, a body. It
 * keeps nothing but the first bytes of the bodies that its reader wants to see, however the stream
 * is cut into pieces.
 */
final class Frames {
    private static final int HEADER = 5;
    private static final byte[] NOTHING = {};

    /** Is told of each message when its last byte has passed. */
    interface Reader {
        /** How many bytes of such a message's body it wants to see. */
        int wants(byte type, int body);

        /**
         * A message is complete.
         *
         * @param head begins with the bytes that were wanted; valid during the call only
         */
        void message(byte type, int body, byte[] head);
    }

    private final Reader reader;
    private byte type;
    private int body;
    private int rest;
    private int wanted;
    private int seen;
    private byte[] head = NOTHING;

    /** Bytes of a header that came in pieces, and its length so far. */
    private int headerSeen;

    private int length;
    private boolean lost;

    Frames(Reader reader) {
        this.reader = reader;
    }

    /** Whether the last byte seen was the last of a message, and all made sense so far. */
    boolean atBoundary() {
        return rest == 0 && headerSeen == 0 && !lost;
    }

    /** Whether something came that is no message: from then on nothing is known. */
    boolean lost() {
        return lost;
    }

    /** Looks at what passes; the bytes stay as they are. */
    void scan(ByteBuf bytes) {
        int at = bytes.readerIndex();
        int end = bytes.writerIndex();
        while (at < end && !lost) {
            if (rest > 0) {
                at += passBody(bytes, at, end - at);
            } else if (headerSeen == 0 && end - at >= HEADER) {
                type = bytes.getByte(at);
                length = bytes.getInt(at + 1);
                at += HEADER;
                begin();
            } else {
                passHeader(bytes.getByte(at));
                at++;
            }
        }
    }

    private void passHeader(byte next) {
        if (headerSeen == 0) {
            type = next;
            length = 0;
        } else {
            length = length << 8 | next & 0xff;
        }
        headerSeen++;
        if (headerSeen == HEADER) {
            headerSeen = 0;
            begin();
        }
    }

    private void begin() {
        if (length < 4) {
            lost = true;
            return;
        }
        body = length - 4;
        rest = body;
        seen = 0;
        wanted = Math.min(body, reader.wants(type, body));
        if (head.length < wanted) {
            head = new byte[wanted];
        }
        if (rest == 0) {
            complete();
        }
    }

    private int passBody(ByteBuf bytes, int at, int available) {
        int passed = Math.min(rest, available);
        if (seen < wanted) {
            int copied = Math.min(wanted - seen, passed);
            bytes.getBytes(at, head, seen, copied);
            seen += copied;
        }
        rest -= passed;
        if (rest == 0) {
            complete();
        }
        return passed;
    }

    private void complete() {
        reader.message(type, body, head);
        if (head.length > 64) {
            head = NOTHING;
        }
    }
}
