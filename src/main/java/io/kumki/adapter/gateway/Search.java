package io.kumki.adapter.gateway;

import io.kumki.adapter.gateway.Attempt.Question;
import io.kumki.core.model.HostPort;
import io.kumki.core.routing.Target;
import io.netty.buffer.ByteBuf;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Looks for a server that answers what a client asked, and waits while there is none. As long as no
 * byte of an answer has reached the client, any server may be asked. One event loop.
 */
final class Search implements Attempt.Outcome {
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(60);

    /** Who wants a server. Told once how it ended. */
    interface Client {
        /** A server has answered; the receiver listens to it, and releases the bytes. */
        void found(Wire server, Target target, ByteBuf first);

        /** The hold is over; why nobody served, in words for the client. */
        void waitedInVain(String message);

        /** The server closes without a word, as one does that does not know TLS from the start. */
        void declined();
    }

    private final Door door;
    private final Port port;
    private final Question question;
    private final byte[] packet;
    private final Client client;
    private final Set<HostPort> tried = new HashSet<>();
    private final long since = System.nanoTime();
    private long retry;
    private boolean held;
    private boolean over;
    private String lastRefusal = "";
    private Optional<Spare> spare;
    private Optional<Attempt> attempt = Optional.empty();

    /**
     * @param spare a connection that may be used if it leads to the right server
     */
    Search(
            Door door,
            Port port,
            Question question,
            byte[] packet,
            Optional<Spare> spare,
            Client client) {
        this.door = door;
        this.port = port;
        this.question = question;
        this.packet = packet;
        this.spare = spare;
        this.client = client;
    }

    /** Asks the next server; all asked: waits a little, or for other routes. */
    void seek() {
        var next =
                door.candidates(port).stream()
                        .filter(t -> !tried.contains(t.address()))
                        .findFirst();
        if (next.isPresent()) {
            ask(next.get());
        } else {
            tried.clear();
            retry = System.nanoTime() + PAUSE;
            hold();
        }
    }

    private void ask(Target target) {
        tried.add(target.address());
        var asking = new Attempt(target, question, packet, door.patience(port, target), this);
        attempt = Optional.of(asking);
        var standing = spare.filter(s -> s.leadsTo(target));
        if (standing.isPresent()) {
            spare = Optional.empty();
            asking.over(standing.get().wire());
        } else {
            dropSpare();
            door.connect(asking, port);
        }
    }

    @Override
    public void refused(String why, boolean silent) {
        lastRefusal = why;
        var target = attempt.orElseThrow().target();
        attempt = Optional.empty();
        if (silent) {
            door.missed(target);
        } else if (question == Question.HELLO) {
            end();
            client.declined();
            return;
        }
        seek();
    }

    @Override
    public void answered(Wire server, ByteBuf first) {
        var target = attempt.orElseThrow().target();
        attempt = Optional.empty();
        end();
        client.found(server, target, first);
    }

    private void hold() {
        if (!held) {
            held = true;
            door.figures().holds();
        }
    }

    /** Whether it had to wait. */
    boolean waits() {
        return held;
    }

    /** The routes have changed, or a server fell silent. */
    void follow() {
        if (attempt.isEmpty() || !stands(attempt.get().target())) {
            attempt.ifPresent(Attempt::drop);
            attempt = Optional.empty();
            tried.clear();
            seek();
        }
    }

    private boolean stands(Target target) {
        return door.candidates(port).stream().anyMatch(t -> t.address().equals(target.address()));
    }

    /** Looks at deadlines. */
    void tick(long now) {
        if (now - since > door.hold().toNanos()) {
            end();
            client.waitedInVain(why());
        } else if (attempt.isPresent()) {
            if (now - since > Watch.SUSPICIOUS && port == Port.RO) {
                door.suspect(attempt.get().target().address(), now);
            }
            attempt.ifPresent(a -> a.tick(now));
        } else if (now - retry >= 0) {
            seek();
        }
    }

    private String why() {
        var choice = door.choice();
        return "Kumki: no %s for %d s: %s"
                .formatted(
                        port == Port.RW ? "primary" : "server",
                        door.hold().toSeconds(),
                        choice.holding() || lastRefusal.isEmpty() ? choice.why() : lastRefusal);
    }

    /** Nobody wants a server any more. */
    void end() {
        if (over) {
            return;
        }
        over = true;
        attempt.ifPresent(Attempt::drop);
        attempt = Optional.empty();
        dropSpare();
        if (held) {
            held = false;
            door.figures().released(System.nanoTime() - since);
        }
    }

    private void dropSpare() {
        spare.ifPresent(s -> s.wire().abort());
        spare = Optional.empty();
    }
}
