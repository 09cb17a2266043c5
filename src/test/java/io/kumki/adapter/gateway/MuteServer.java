package io.kumki.adapter.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.kumki.core.model.HostPort;
import io.kumki.core.model.NodeId;
import io.kumki.core.routing.Target;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Answers every statement by its name, until it falls silent as a host does that swallows packets:
 * its kernel answers no connect, because the queue of its listener is full.
 */
final class MuteServer implements AutoCloseable {
    private final ServerSocket listener;
    private final List<Socket> fillers = new ArrayList<>();
    private final ReentrantLock voice = new ReentrantLock(true);

    MuteServer() {
        try {
            listener = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofPlatform().daemon().start(this::accept);
    }

    Target target() {
        var where = new HostPort("127.0.0.1", listener.getLocalPort());
        return new Target(new NodeId("mute"), where);
    }

    /** The caller's thread must also end the silence. */
    void fallSilent() throws IOException {
        voice.lock();
        while (true) {
            var filler = new Socket();
            fillers.add(filler);
            try {
                filler.connect(new InetSocketAddress("127.0.0.1", target().address().port()), 300);
            } catch (SocketTimeoutException full) {
                return;
            }
        }
    }

    void speak() throws IOException {
        for (var filler : fillers) {
            filler.close();
        }
        voice.unlock();
    }

    private void accept() {
        try {
            while (!listener.isClosed()) {
                var client = listener.accept();
                Thread.ofPlatform().daemon().start(() -> serve(client));
                hush();
            }
        } catch (IOException closed) {
            hush();
        }
    }

    private void hush() {
        voice.lock();
        voice.unlock();
    }

    private void serve(Socket client) {
        try (client) {
            var in = new DataInputStream(client.getInputStream());
            var out = new DataOutputStream(client.getOutputStream());
            in.skipNBytes(in.readInt() - 4);
            say(out, 'R', new byte[4]);
            say(out, 'Z', new byte[] {'I'});
            while (in.readByte() == 'Q') {
                in.skipNBytes(in.readInt() - 4);
                hush();
                say(out, 'D', "\0\1\0\0\0\4mute".getBytes(UTF_8));
                say(out, 'Z', new byte[] {'I'});
            }
        } catch (IOException gone) {
            hush();
        }
    }

    private static void say(DataOutputStream out, char type, byte[] body) throws IOException {
        out.writeByte(type);
        out.writeInt(4 + body.length);
        out.write(body);
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
