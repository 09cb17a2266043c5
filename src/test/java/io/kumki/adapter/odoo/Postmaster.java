package io.kumki.adapter.odoo;

import io.kumki.core.model.HostPort;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The first bytes of PostgreSQL's protocol on a real socket, in every mood that a server has. */
final class Postmaster implements AutoCloseable {
    enum Mood {
        /** Asks for a password (SCRAM). */
        OPEN,
        /** Accepts and keeps silent, as a frozen server does, or a gateway that holds. */
        SILENT,
        /** Accepts and closes, as a proxy without a server does. */
        CLOSING,
        STARTING_UP,
        NO_SUCH_USER,
        BABBLING
    }

    private final ServerSocket socket;
    private final List<Socket> sessions = new CopyOnWriteArrayList<>();
    private final List<String> startups = new CopyOnWriteArrayList<>();
    private final Thread acceptor;
    private volatile Mood mood = Mood.OPEN;

    Postmaster() throws IOException {
        socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        acceptor = Thread.ofVirtual().start(this::accept);
    }

    HostPort address() {
        return new HostPort("127.0.0.1", socket.getLocalPort());
    }

    int port() {
        return socket.getLocalPort();
    }

    void be(Mood next) {
        mood = next;
    }

    /** The wishes of every session, NUL shown as a bar. */
    List<String> startups() {
        return startups;
    }

    private void accept() {
        try {
            while (true) {
                var session = socket.accept();
                sessions.add(session);
                Thread.ofVirtual().start(() -> serve(session));
            }
        } catch (IOException closed) {
            // The end of the test.
        }
    }

    private void serve(Socket session) {
        try {
            if (mood == Mood.CLOSING) {
                session.close();
                return;
            }
            var in = new DataInputStream(session.getInputStream());
            byte[] startup = new byte[in.readInt() - 4];
            in.readFully(startup);
            startups.add(
                    new String(startup, 4, startup.length - 4, StandardCharsets.UTF_8)
                            .replace('\0', '|'));
            if (mood != Mood.SILENT) {
                answer(new DataOutputStream(session.getOutputStream()));
            }
        } catch (IOException gone) {
            // The other side hung up, as it may.
        }
    }

    private void answer(DataOutputStream out) throws IOException {
        switch (mood) {
            case STARTING_UP -> error(out, "57P03", "the database system is starting up");
            case NO_SUCH_USER -> error(out, "28000", "role \"odoo\" does not exist");
            case BABBLING -> out.writeBytes("HTTP/1.1 400 Bad Request\r\n\r\n");
            default -> {
                out.writeByte('R');
                out.writeInt(23);
                out.writeInt(10);
                out.writeBytes("SCRAM-SHA-256\0\0");
            }
        }
    }

    private static void error(DataOutputStream out, String state, String text) throws IOException {
        var body = new ByteArrayOutputStream();
        body.writeBytes(("SFATAL\0C" + state + "\0M" + text + "\0\0").getBytes());
        out.writeByte('E');
        out.writeInt(4 + body.size());
        out.write(body.toByteArray());
    }

    /** The port is free when this returns: until its last user leaves, a socket listens on. */
    @Override
    public void close() throws IOException {
        socket.close();
        try {
            acceptor.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (var session : sessions) {
            session.close();
        }
    }
}
