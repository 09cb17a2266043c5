package io.kumki.adapter.gateway;

import io.kumki.core.routing.Target;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.core.net.NetSocket;
import java.util.Set;

/**
 * One attempt to open a session at one server, up to its first answer. Until then the client knows
 * nothing of it, so that another server may be asked instead.
 */
final class Attempt implements Wire.Ear {
    /** The server shuts down, starts up, or recovers: it will be there again, or another will. */
    private static final Set<String> PASSING =
            Set.of(Packets.ADMIN_SHUTDOWN, "57P02", Packets.CANNOT_CONNECT_NOW);

    private static final int LONGEST_ERROR = 30_000;

    /** What the server is asked. */
    enum Question {
        TLS,
        STARTUP,
        HELLO
    }

    /** Who wanted it. */
    interface Outcome {
        /** The server's first bytes; the receiver releases them, and listens to the socket. */
        void answered(Wire server, ByteBuf first);

        /**
         * No session there.
         *
         * @param silent no connection came about
         */
        void refused(String why, boolean silent);
    }

    private final Target target;
    private final Question question;
    private final byte[] packet;
    private final Outcome outcome;
    private final long patience;
    private final long began = System.nanoTime();
    private long deadline;
    private Wire server;
    private boolean connected;
    private boolean over;
    private final ByteBuf answer = Unpooled.buffer(0);

    /**
     * @param patience nanoseconds for the connect, and as many for the answer
     */
    Attempt(Target target, Question question, byte[] packet, long patience, Outcome outcome) {
        this.target = target;
        this.question = question;
        this.packet = packet;
        this.patience = patience;
        this.deadline = began + patience;
        this.outcome = outcome;
    }

    Target target() {
        return target;
    }

    /** Goes on as soon as the connect has ended, on this event loop. */
    Attempt over(Future<NetSocket> connect, Ledger ledger, Figures figures) {
        connect.onSuccess(
                socket -> {
                    if (over) {
                        socket.close();
                        return;
                    }
                    figures.connected(System.nanoTime() - began);
                    var wire = Wire.on(socket, this);
                    wire.note(ledger);
                    over(wire);
                });
        connect.onFailure(e -> refuse("no connection: " + e.getMessage(), true));
        return this;
    }

    /** Asks over a connection that stands already. */
    Attempt over(Wire wire) {
        server = wire;
        connected = true;
        deadline = System.nanoTime() + patience;
        wire.listen(this);
        wire.write(Unpooled.wrappedBuffer(packet));
        wire.flush();
        return this;
    }

    /** Looks at the deadline. */
    void tick(long now) {
        if (now - deadline > 0) {
            refuse("no answer for " + patience / 1_000_000 + " ms", !connected);
        }
    }

    /** Nobody wants it any more. */
    void drop() {
        if (!over) {
            over = true;
            answer.release();
            if (connected) {
                server.abort();
            }
        }
    }

    private void refuse(String why, boolean silent) {
        if (!over) {
            drop();
            outcome.refused(target + ": " + why, silent);
        }
    }

    @Override
    public void heard(ByteBuf bytes) {
        if (over) {
            bytes.release();
            return;
        }
        answer.writeBytes(bytes);
        bytes.release();
        byte first = answer.getByte(0);
        if (question == Question.TLS && first != 'S' && first != 'N') {
            refuse("it answered the request for TLS by an error", false);
        } else if (question == Question.STARTUP && first == 'E') {
            judge();
        } else {
            accept();
        }
    }

    /** An error is passed on, unless it will pass by itself. */
    private void judge() {
        if (answer.readableBytes() < 5) {
            return;
        }
        int length = answer.getInt(1);
        if (length < 5 || length > LONGEST_ERROR) {
            accept();
        } else if (answer.readableBytes() > length) {
            var state = Packets.field(answer, 'C').orElse("");
            if (PASSING.contains(state)) {
                refuse(Packets.field(answer, 'M').orElse(state), false);
            } else {
                accept();
            }
        }
    }

    private void accept() {
        over = true;
        outcome.answered(server, answer);
    }

    @Override
    public void ended() {
        refuse("it closed the connection", false);
    }

    @Override
    public void gone() {
        refuse("it closed the connection", false);
    }
}
