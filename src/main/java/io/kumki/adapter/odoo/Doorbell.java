package io.kumki.adapter.odoo;

import io.kumki.core.model.HostPort;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Begins a session as Odoo would and hangs up before the password. A server asks for one only when
 * it takes sessions; a gateway, when it has a server behind it (PostgreSQL 18, chapter 54.2).
 */
final class Doorbell {
    /** Protocol 3.0. */
    private static final int VERSION = 3 << 16;

    private static final int LONGEST = 10_000;

    /**
     * "Operator intervention" (57P03: not now), "insufficient resources", "connection". Any other
     * refusal, such as an unknown user, comes from a server that works.
     */
    private static final List<String> CLOSED = List.of("57", "53", "08");

    private final Duration patience;

    Doorbell(Duration patience) {
        this.patience = patience;
    }

    /**
     * Blocks up to twice the patience. A Unix socket is not tried.
     *
     * @return why a new session would not be served; empty if it would be
     */
    Optional<String> refusal(HostPort server, String user) {
        if (server.host().startsWith("/")) {
            return Optional.empty();
        }
        try (var socket = new Socket()) {
            int millis = (int) patience.toMillis();
            socket.connect(new InetSocketAddress(server.host(), server.port()), millis);
            socket.setSoTimeout(millis);
            return answer(socket, user).map(it -> server + " " + it);
        } catch (SocketTimeoutException e) {
            return Optional.of(server + " gave no answer in " + patience.toMillis() + " ms");
        } catch (IOException e) {
            return Optional.of(server + " can't be reached (" + e.getMessage() + ")");
        }
    }

    private static Optional<String> answer(Socket socket, String user) throws IOException {
        byte[] wishes =
                ("user\0" + user + "\0database\0postgres\0application_name\0kumki\0\0")
                        .getBytes(StandardCharsets.UTF_8);
        var out = new DataOutputStream(socket.getOutputStream());
        byte[] start = new byte[8 + wishes.length];
        var head = ByteBuffer.wrap(start);
        head.putInt(start.length).putInt(VERSION).put(wishes);
        out.write(start);
        out.flush();
        var in = new DataInputStream(socket.getInputStream());
        int kind = in.read();
        return switch (kind) {
            case 'R' -> Optional.empty();
            case 'E' -> refused(in);
            case -1 -> Optional.of("closed the connection");
            default -> Optional.of("does not speak as PostgreSQL does");
        };
    }

    /** Fields are a letter and a text; C is the SQLSTATE, M the message. */
    private static Optional<String> refused(DataInputStream in) throws IOException {
        int length = in.readInt() - 4;
        if (length < 0 || length > LONGEST) {
            return Optional.of("does not speak as PostgreSQL does");
        }
        byte[] body = new byte[length];
        in.readFully(body);
        String state = "";
        String message = "";
        for (String field : new String(body, StandardCharsets.UTF_8).split("\0")) {
            state = field.startsWith("C") ? field.substring(1) : state;
            message = field.startsWith("M") ? field.substring(1) : message;
        }
        return CLOSED.stream().anyMatch(state::startsWith)
                ? Optional.of("refuses: " + state + " " + message)
                : Optional.empty();
    }
}
