package io.kumki.adapter.gateway;

import io.kumki.adapter.gateway.Attempt.Question;
import io.kumki.core.routing.Target;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.net.NetSocket;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A client, from its first byte to its end: it says what it wants, a server is found for it, and
 * then bytes are passed on. One event loop.
 */
final class Session implements Wire.Ear, Search.Client {
    private static final long GREETING_TIME = TimeUnit.SECONDS.toNanos(30);
    private static final int EARLY_BYTES = 16_384;

    private final Door door;
    private final Port port;
    private final Wire client;
    private final boolean surplus;
    private final ByteBuf early = Unpooled.buffer(0);
    private long greetingSince = System.nanoTime();
    private boolean secured;
    private boolean over;
    private Question question = Question.STARTUP;
    private Optional<Spare> spare = Optional.empty();
    private Optional<Search> search = Optional.empty();
    private Optional<Relay> relay = Optional.empty();

    /**
     * @param surplus more than are allowed are there already: it gets an error and no more
     */
    Session(Door door, Port port, NetSocket socket, boolean surplus) {
        this.door = door;
        this.port = port;
        this.surplus = surplus;
        this.client = Wire.on(socket, this);
    }

    Port port() {
        return port;
    }

    /** Present when a server has answered. */
    Optional<Relay> relay() {
        return relay;
    }

    /** Whether it waits for a server. */
    boolean waits() {
        return search.filter(Search::waits).isPresent();
    }

    // What the client says before a server listens to it.

    @Override
    public void heard(ByteBuf bytes) {
        if (over) {
            bytes.release();
            return;
        }
        early.writeBytes(bytes);
        bytes.release();
        if (search.isEmpty()) {
            greet();
        } else if (early.readableBytes() > EARLY_BYTES) {
            client.read(false);
        }
    }

    private void greet() {
        switch (Greeting.read(early)) {
            case Greeting.Incomplete none -> {}
            case Greeting.Garbage none -> reject("garbage");
            case Greeting.GssRequest gss -> say('N');
            case Greeting.TlsRequest tls -> requestTls(tls.packet());
            case Greeting.ClientHello none -> helloTls();
            case Greeting.Cancel cancel -> cancel(cancel);
            case Greeting.Startup startup -> start(startup.packet());
        }
    }

    private void requestTls(byte[] request) {
        if (early.isReadable() || secured) {
            // Nobody may slip plain bytes in before the encrypted ones.
            reject("garbage");
        } else if (door.tls().isPresent()) {
            say('S');
            secured = true;
            client.secure(door.tls().get(), Unpooled.EMPTY_BUFFER);
        } else if (surplus || spare.isPresent()) {
            say('N');
        } else {
            seek(Question.TLS, request);
        }
    }

    private void helloTls() {
        if (secured || surplus && door.tls().isEmpty()) {
            reject("garbage");
        } else if (door.tls().isPresent()) {
            secured = true;
            client.secure(door.tls().get(), early.readBytes(early.readableBytes()));
        } else {
            var hello = new byte[early.readableBytes()];
            early.readBytes(hello);
            seek(Question.HELLO, hello);
        }
    }

    private void say(char answer) {
        client.write(Unpooled.buffer(1).writeByte(answer));
        client.flush();
    }

    private void cancel(Greeting.Cancel request) {
        end();
        door.cancel(request, client);
    }

    private void start(byte[] startup) {
        if (door.ours(client.remote(), client.local())) {
            door.warnOfLoop(client.remote());
            refuse(
                    Packets.CONNECTION_REFUSED,
                    "Kumki: this connection comes from the gateway itself: its routes lead in a"
                            + " circle",
                    "loop");
        } else if (surplus) {
            refuse(
                    Packets.TOO_MANY_CONNECTIONS,
                    "Kumki: the gateway serves its most sessions already",
                    "too-many");
        } else {
            seek(Question.STARTUP, startup);
        }
    }

    // A server for it.

    private void seek(Question asked, byte[] packet) {
        question = asked;
        var seeking = new Search(door, port, asked, packet, spare, this);
        spare = Optional.empty();
        search = Optional.of(seeking);
        seeking.seek();
    }

    @Override
    public void found(Wire server, Target target, ByteBuf first) {
        search = Optional.empty();
        if (question == Question.TLS && first.getByte(0) == 'N') {
            first.release();
            spare = Optional.of(new Spare(server, target));
            greetingSince = System.nanoTime();
            say('N');
            greet();
            return;
        }
        var opened = new Relay(this, door, client, server, target, question == Question.STARTUP);
        relay = Optional.of(opened);
        client.read(true);
        opened.begin(first, early);
    }

    @Override
    public void waitedInVain(String message) {
        refuse(Packets.CANNOT_CONNECT_NOW, message, "hold");
    }

    @Override
    public void declined() {
        reject("no-tls");
    }

    // What the door tells.

    /** The routes have changed, or a server fell silent. Whether the session was cut for it. */
    boolean follow() {
        search.ifPresent(Search::follow);
        return relay.isPresent() && relay.get().follow();
    }

    /** Looks at deadlines. */
    void tick(long now) {
        if (relay.isPresent()) {
            relay.get().tick(now);
        } else if (search.isPresent()) {
            search.get().tick(now);
        } else if (now - greetingSince > GREETING_TIME) {
            reject("slow-greeting");
        }
    }

    /** The door closes. */
    void close() {
        if (relay.isPresent()) {
            relay.get().cut("closing", "Kumki: the gateway is shutting down");
        } else {
            client.abort();
            end();
        }
    }

    // Its end.

    private void refuse(String state, String message, String reason) {
        door.figures().refused(reason);
        client.write(Packets.fatal(state, message));
        client.finish();
        end();
    }

    /** Closes without a word: who is there does not speak our language. */
    private void reject(String reason) {
        door.figures().refused(reason);
        door.note("closed " + client.remote() + ": " + reason);
        client.abort();
        end();
    }

    /** Forgets everything; the client's socket is closed by whoever calls. */
    void end() {
        if (over) {
            return;
        }
        over = true;
        search.ifPresent(Search::end);
        search = Optional.empty();
        spare.ifPresent(s -> s.wire().abort());
        spare = Optional.empty();
        if (early.refCnt() > 0) {
            early.release();
        }
        door.forget(this);
    }

    @Override
    public void ended() {
        client.abort();
        end();
    }

    @Override
    public void gone() {
        end();
    }
}
