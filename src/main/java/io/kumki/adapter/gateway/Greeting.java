package io.kumki.adapter.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

/** The first packet of a client (PostgreSQL docs, 55.7 and 55.2.10). */
sealed interface Greeting {
    int LONGEST = 10_000;
    byte HANDSHAKE = 0x16;

    /** Not all of it is there yet. */
    record Incomplete() implements Greeting {}

    /** The client asks whether it may speak TLS. */
    record TlsRequest(byte[] packet) implements Greeting {}

    /** The client asks whether it may encrypt by GSSAPI. */
    record GssRequest() implements Greeting {}

    /** Ends the statement of another session, whose key it holds. */
    record Cancel(byte[] packet) implements Greeting {
        /** Process number and secret, as the server told them. */
        byte[] key() {
            return java.util.Arrays.copyOfRange(packet, 8, packet.length);
        }
    }

    /** Who wants to come in, and to which database. */
    record Startup(byte[] packet) implements Greeting {}

    /** TLS from the first byte on, as clients since PostgreSQL 17 may speak it. */
    record ClientHello() implements Greeting {}

    /** Nobody who speaks PostgreSQL. */
    record Garbage() implements Greeting {}

    /** Takes one packet from the front, if it is whole. */
    static Greeting read(ByteBuf bytes) {
        int start = bytes.readerIndex();
        if (bytes.isReadable() && bytes.getByte(start) == HANDSHAKE) {
            return hello(bytes);
        }
        if (bytes.readableBytes() < 8) {
            return wrongStart(bytes) ? new Garbage() : new Incomplete();
        }
        int length = bytes.getInt(start);
        if (length < 8 || length > LONGEST) {
            return new Garbage();
        }
        if (bytes.readableBytes() < length) {
            return new Incomplete();
        }
        var packet = ByteBufUtil.getBytes(bytes.readSlice(length));
        return meaning(bytes.getInt(start + 4), packet);
    }

    /** Its record has to be whole: the server answers nothing less (RFC 8446, 5.1). */
    private static Greeting hello(ByteBuf bytes) {
        if (bytes.readableBytes() < 5) {
            return new Incomplete();
        }
        int length = 5 + bytes.getUnsignedShort(bytes.readerIndex() + 3);
        if (length > LONGEST) {
            return new Garbage();
        }
        return bytes.readableBytes() < length ? new Incomplete() : new ClientHello();
    }

    /** No length in reach begins with anything but two zeros: don't wait for more. */
    private static boolean wrongStart(ByteBuf bytes) {
        int start = bytes.readerIndex();
        return bytes.isReadable() && bytes.getByte(start) != 0
                || bytes.readableBytes() > 1 && bytes.getByte(start + 1) != 0;
    }

    private static Greeting meaning(int code, byte[] packet) {
        if (code >>> 16 == 3) {
            return new Startup(packet);
        }
        return switch (code) {
            case 80877103 -> packet.length == 8 ? new TlsRequest(packet) : new Garbage();
            case 80877104 -> packet.length == 8 ? new GssRequest() : new Garbage();
            case 80877102 -> packet.length > 12 ? new Cancel(packet) : new Garbage();
            default -> new Garbage();
        };
    }
}
