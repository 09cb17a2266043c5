package io.kumki.adapter.haproxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.kumki.core.model.HostPort;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;

/**
 * HAProxy's runtime socket (its management guide, 9.3): one line of commands, one answer, and the
 * connection is closed. Blocks, but never longer than the deadline.
 */
final class RuntimeSocket {
    private final String where;
    private final Duration deadline;

    /**
     * @param where the path of a UNIX socket, or HOST:PORT
     * @param deadline of one exchange, connecting included
     */
    RuntimeSocket(String where, Duration deadline) {
        this.where = where;
        this.deadline = deadline;
    }

    /**
     * @return the answers, one after the other; blank where HAProxy has nothing to say
     * @throws IOException if nobody answers there, or not in time
     */
    String ask(List<String> commands) throws IOException {
        long end = System.nanoTime() + deadline.toNanos();
        var address = address();
        try (var channel = open(address);
                var selector = Selector.open()) {
            channel.configureBlocking(false);
            var key = channel.register(selector, SelectionKey.OP_CONNECT);
            if (!channel.connect(address)) {
                await(selector, end);
                channel.finishConnect();
            }
            send(channel, key, String.join(";", commands) + "\n", end);
            return receive(channel, key, end);
        } catch (IOException e) {
            throw new IOException(where + ": " + e.getMessage(), e);
        }
    }

    private SocketAddress address() {
        if (where.startsWith("/")) {
            return UnixDomainSocketAddress.of(where);
        }
        var tcp = HostPort.parse(where);
        return new InetSocketAddress(tcp.host(), tcp.port());
    }

    /** A channel that was opened without its family can't be connected to a UNIX socket. */
    private static SocketChannel open(SocketAddress address) throws IOException {
        return address instanceof UnixDomainSocketAddress
                ? SocketChannel.open(java.net.StandardProtocolFamily.UNIX)
                : SocketChannel.open();
    }

    private void send(SocketChannel channel, SelectionKey key, String line, long end)
            throws IOException {
        key.interestOps(SelectionKey.OP_WRITE);
        var rest = ByteBuffer.wrap(line.getBytes(UTF_8));
        while (rest.hasRemaining()) {
            if (channel.write(rest) == 0) {
                await(key.selector(), end);
            }
        }
    }

    private String receive(SocketChannel channel, SelectionKey key, long end) throws IOException {
        key.interestOps(SelectionKey.OP_READ);
        var answer = new ByteArrayOutputStream();
        var part = ByteBuffer.allocate(8192);
        for (int read = channel.read(part); read >= 0; read = channel.read(part)) {
            answer.write(part.array(), 0, part.position());
            part.clear();
            if (read == 0) {
                await(key.selector(), end);
            }
        }
        return answer.toString(UTF_8);
    }

    private void await(Selector selector, long end) throws IOException {
        long left = (end - System.nanoTime()) / 1_000_000;
        selector.selectedKeys().clear();
        if (left <= 0 || selector.select(left) == 0) {
            throw new SocketTimeoutException("no answer in " + deadline.toMillis() + " ms");
        }
    }
}
