package io.kumki.adapter.gateway;

import io.kumki.adapter.gateway.Attempt.Question;
import io.kumki.core.model.HostPort;
import io.kumki.core.routing.Target;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A client from its first byte until a server has answered it. What it asked is kept: as long as no
 * byte of an answer has reached it, it may wait for any server that comes. One event loop.
 */
final class Session implements Wire.Ear, Attempt.Outcome {
    private static final long GREETING_TIME = TimeUnit.SECONDS.toNanos(30);
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(60);
    private static final int EARLY_BYTES = 16_384;

    private enum Phase {
        /** The client has to say what it wants. */
        GREETING,
        /** No server is there for it now. */
        WAITING,
        /** A server is being asked. */
        TRYING,
        /** A server has answered. */
        OPEN,
        ENDED
    }

    private final Door door;
    private final Port port;
    private final Wire client;
    private final boolean surplus;
    private final ByteBuf early = Unpooled.buffer(0);
    private final Set<HostPort> tried = new HashSet<>();
    private Phase phase = Phase.GREETING;
    private boolean secured;
    private Question question = Question.STARTUP;
    private byte[] packet = {};
    private long since = System.nanoTime();
    private long retry;
    private boolean held;
    private String lastRefusal = "";
    private Optional<Attempt> attempt = Optional.empty();
    private Optional<Spare> spare = Optional.empty();
    private Optional<Relay> relay = Optional.empty();

    /**
     * @param surplus more than are allowed are there already: it gets an error and no more
     */
    Session(Door door, Port port, io.vertx.core.net.NetSocket socket, boolean surplus) {
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

    // The client's first words.

    @Override
    public void heard(ByteBuf bytes) {
        if (phase == Phase.ENDED) {
            bytes.release();
            return;
        }
        early.writeBytes(bytes);
        bytes.release();
        if (phase == Phase.GREETING) {
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
            want(Question.TLS, request);
        }
    }

    private void helloTls() {
        if (secured || surplus && door.tls().isEmpty()) {
            reject("garbage");
        } else if (door.tls().isPresent()) {
            secured = true;
            client.secure(door.tls().get(), early.readRetainedSlice(early.readableBytes()));
        } else {
            var hello = new byte[early.readableBytes()];
            early.readBytes(hello);
            want(Question.HELLO, hello);
        }
    }

    private void say(char answer) {
        client.write(Unpooled.buffer(1).writeByte(answer));
        client.flush();
    }

    private void cancel(Greeting.Cancel request) {
        phase = Phase.ENDED;
        door.forget(this);
        early.release();
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
            want(Question.STARTUP, startup);
        }
    }

    // The search for a server.

    private void want(Question asked, byte[] bytes) {
        question = asked;
        packet = bytes;
        since = System.nanoTime();
        seek();
    }

    private void seek() {
        var next =
                door.candidates(port).stream()
                        .filter(t -> !tried.contains(t.address()))
                        .findFirst();
        if (next.isPresent()) {
            ask(next.get());
        } else {
            phase = Phase.WAITING;
            tried.clear();
            retry = System.nanoTime() + PAUSE;
            hold();
        }
    }

    private void ask(Target target) {
        phase = Phase.TRYING;
        tried.add(target.address());
        var asking = new Attempt(target, question, packet, door.patience(port, target), this);
        attempt = Optional.of(asking);
        var standing = spare.filter(s -> s.leadsTo(target));
        if (standing.isPresent()) {
            spare = Optional.empty();
            asking.over(standing.get().wire());
        } else {
            spare.ifPresent(s -> s.wire().abort());
            spare = Optional.empty();
            door.connect(asking, port);
        }
    }

    @Override
    public void refused(String why, boolean silent) {
        lastRefusal = why;
        var target = attempt.orElseThrow().target();
        attempt = Optional.empty();
        if (question == Question.HELLO && !silent && why.endsWith("closed the connection")) {
            reject("no-tls");
            return;
        }
        phase = Phase.WAITING;
        retry = System.nanoTime();
        if (silent) {
            door.missed(target);
        }
        if (phase == Phase.WAITING) {
            seek();
        }
    }

    @Override
    public void answered(Wire server, ByteBuf first) {
        var target = attempt.orElseThrow().target();
        attempt = Optional.empty();
        tried.clear();
        release();
        if (question == Question.TLS && first.getByte(0) == 'N') {
            first.release();
            spare = Optional.of(new Spare(server, target));
            phase = Phase.GREETING;
            since = System.nanoTime();
            say('N');
            if (early.isReadable()) {
                greet();
            }
        } else {
            open(server, target, first);
        }
    }

    private void open(Wire server, Target target, ByteBuf first) {
        phase = Phase.OPEN;
        var opened = new Relay(this, door, client, server, target, question == Question.STARTUP);
        relay = Optional.of(opened);
        client.read(true);
        opened.begin(first, early);
    }

    private void hold() {
        if (!held) {
            held = true;
            door.figures().holds();
        }
    }

    private void release() {
        if (held) {
            held = false;
            door.figures().released(System.nanoTime() - since);
        }
    }

    boolean waits() {
        return held;
    }

    // What the door tells.

    /** The routes have changed, or a server fell silent. Whether the session was cut for it. */
    boolean follow() {
        switch (phase) {
            case WAITING -> {
                tried.clear();
                seek();
            }
            case TRYING -> {
                var asking = attempt.orElseThrow();
                boolean stands =
                        door.candidates(port).stream()
                                .anyMatch(t -> t.address().equals(asking.target().address()));
                if (!stands) {
                    asking.drop();
                    attempt = Optional.empty();
                    tried.clear();
                    seek();
                }
            }
            case OPEN -> {
                return relay.orElseThrow().follow();
            }
            case GREETING, ENDED -> {}
        }
        return false;
    }

    /** Looks at deadlines. */
    void tick(long now) {
        switch (phase) {
            case GREETING -> {
                if (now - since > GREETING_TIME) {
                    reject("slow-greeting");
                }
            }
            case WAITING, TRYING -> await(now);
            case OPEN -> relay.orElseThrow().tick(now);
            case ENDED -> {}
        }
    }

    private void await(long now) {
        if (now - since > door.hold().toNanos()) {
            giveUp();
        } else if (phase == Phase.WAITING && now - retry >= 0) {
            seek();
        } else if (phase == Phase.TRYING) {
            var asking = attempt.orElseThrow();
            if (now - since > Watch.SUSPICIOUS && port == Port.RO) {
                door.suspect(asking.target().address(), now);
            }
            attempt.ifPresent(a -> a.tick(now));
        }
    }

    private void giveUp() {
        var why =
                door.choice().holding() || lastRefusal.isEmpty()
                        ? door.choice().why()
                        : lastRefusal;
        refuse(
                Packets.CANNOT_CONNECT_NOW,
                "Kumki: no %s for %d s: %s"
                        .formatted(
                                port == Port.RW ? "primary" : "server",
                                door.hold().toSeconds(),
                                why),
                "hold");
    }

    // Its end before a server answered.

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

    /** Forgets everything; its sockets are closed by whoever calls. */
    void end() {
        if (phase == Phase.ENDED) {
            return;
        }
        phase = Phase.ENDED;
        release();
        attempt.ifPresent(Attempt::drop);
        attempt = Optional.empty();
        spare.ifPresent(s -> s.wire().abort());
        spare = Optional.empty();
        if (early.refCnt() > 0) {
            early.release();
        }
        door.forget(this);
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

    @Override
    public void heardAll() {
        // Answers are flushed when they are given.
    }

    @Override
    public void drained() {
        // Answers are short.
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
