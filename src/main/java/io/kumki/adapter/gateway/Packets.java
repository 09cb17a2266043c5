package io.kumki.adapter.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Optional;

/** What a door says itself to a client or a server (PostgreSQL docs, 55.7 and 55.8). */
final class Packets {
    static final String CANNOT_CONNECT_NOW = "57P03";
    static final String ADMIN_SHUTDOWN = "57P01";
    static final String TOO_MANY_CONNECTIONS = "53300";
    static final String CONNECTION_REFUSED = "08004";

    private Packets() {}

    /** A fatal error, after which the session is closed. */
    static ByteBuf fatal(String state, String message) {
        var packet = Unpooled.buffer(64 + message.length());
        packet.writeByte('E').writeInt(0);
        field(packet, 'S', "FATAL");
        field(packet, 'V', "FATAL");
        field(packet, 'C', state);
        field(packet, 'M', message);
        packet.writeByte(0);
        return packet.setInt(1, packet.readableBytes() - 1);
    }

    private static void field(ByteBuf packet, char name, String text) {
        packet.writeByte(name);
        packet.writeCharSequence(text, UTF_8);
        packet.writeByte(0);
    }

    /** The client leaves in order. */
    static ByteBuf terminate() {
        return Unpooled.buffer(5).writeByte('X').writeInt(4);
    }

    /**
     * Reads one field of a whole ErrorResponse.
     *
     * @param name C is the SQLSTATE, M the message
     */
    static Optional<String> field(ByteBuf error, char name) {
        int at = error.readerIndex() + 5;
        int end = error.writerIndex();
        while (at < end && error.getByte(at) != 0) {
            int zero = error.indexOf(at, end, (byte) 0);
            if (zero < 0) {
                return Optional.empty();
            }
            if (error.getByte(at) == name) {
                return Optional.of(error.toString(at + 1, zero - at - 1, UTF_8));
            }
            at = zero + 1;
        }
        return Optional.empty();
    }
}
