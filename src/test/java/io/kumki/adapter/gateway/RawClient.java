package io.kumki.adapter.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.kumki.core.model.HostPort;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** A client that speaks the protocol by hand, as the user {@code open}. */
final class RawClient implements AutoCloseable {
    final Socket socket = new Socket();
    private final DataInputStream in;
    private final DataOutputStream out;

    /** One message of the server. */
    record Message(char type, byte[] body) {
        /** A field of an ErrorResponse; empty if there is none. */
        String field(char name) {
            for (var field : new String(body, UTF_8).split("\0")) {
                if (!field.isEmpty() && field.charAt(0) == name) {
                    return field.substring(1);
                }
            }
            return "";
        }
    }

    RawClient(HostPort where) throws IOException {
        this(where, 0, 0);
    }

    /**
     * @param buffer bytes that the kernel may keep for it; 0: as usual
     * @param port its own; 0: any
     */
    RawClient(HostPort where, int buffer, int port) throws IOException {
        if (buffer > 0) {
            socket.setReceiveBufferSize(buffer);
        }
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(30_000);
        if (port > 0) {
            socket.setReuseAddress(true);
            socket.bind(new java.net.InetSocketAddress(where.host(), port));
        }
        socket.connect(new java.net.InetSocketAddress(where.host(), where.port()), 5000);
        in = new DataInputStream(socket.getInputStream());
        out = new DataOutputStream(socket.getOutputStream());
    }

    /** Up to the first ReadyForQuery. */
    RawClient login() throws IOException {
        startup();
        until('Z');
        return this;
    }

    RawClient startup() throws IOException {
        var body = "user\0open\0database\0postgres\0\0".getBytes(UTF_8);
        var packet = new ByteArrayOutputStream();
        var data = new DataOutputStream(packet);
        data.writeInt(8 + body.length);
        data.writeInt(3 << 16);
        data.write(body);
        return send(packet.toByteArray());
    }

    RawClient request(int code) throws IOException {
        var packet = new ByteArrayOutputStream();
        var data = new DataOutputStream(packet);
        data.writeInt(8);
        data.writeInt(code);
        return send(packet.toByteArray());
    }

    RawClient query(String sql) throws IOException {
        return message('Q', (sql + "\0").getBytes(UTF_8));
    }

    RawClient message(char type, byte[] body) throws IOException {
        var packet = new ByteArrayOutputStream();
        var data = new DataOutputStream(packet);
        data.writeByte(type);
        data.writeInt(4 + body.length);
        data.write(body);
        return send(packet.toByteArray());
    }

    RawClient send(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
        return this;
    }

    int oneByte() throws IOException {
        return in.read();
    }

    Message next() throws IOException {
        char type = (char) in.readByte();
        var body = new byte[in.readInt() - 4];
        in.readFully(body);
        return new Message(type, body);
    }

    /** All messages up to one of this type. */
    List<Message> until(char type) throws IOException {
        var all = new ArrayList<Message>();
        do {
            all.add(next());
        } while (all.getLast().type() != type);
        return all;
    }

    /** The first column of the first row that comes, up to ReadyForQuery. */
    String answer(String sql) throws IOException {
        query(sql);
        var row = until('Z').stream().filter(m -> m.type() == 'D').findFirst();
        return row.map(r -> new String(r.body(), 6, r.body().length - 6, UTF_8)).orElse("");
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
