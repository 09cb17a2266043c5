package io.kumki.adapter.gateway;

import io.kumki.adapter.gateway.Choice.Fate;
import io.kumki.core.model.HostPort;
import io.kumki.core.routing.Target;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.TimeUnit;

/** A session that a server has answered: bytes go both ways until one side or the door ends it. */
final class Relay {
    private static final long QUIET = TimeUnit.MILLISECONDS.toNanos(50);

    /**
     * An idle session that was just opened or reset is likely to be in somebody's hands: Odoo's
     * pool resets when it hands a session out. Others reset when they take it back, hence the end.
     */
    private static final long FRESH = TimeUnit.MILLISECONDS.toNanos(300);

    private static final long TOLERANCE = TimeUnit.SECONDS.toNanos(10);

    private final Session session;
    private final Door door;
    private final Wire client;
    private final Wire server;
    private final Target target;
    private final Conversation talk = new Conversation();
    private boolean plain;
    private boolean keyed;
    private boolean over;
    private Fate fate = Fate.STAYS;
    private long fateSince;

    /** When the client spoke first since the server's last word; 0: the server spoke last. */
    private long asked;

    /**
     * @param plain whether it is plain text, whose messages can be followed
     */
    Relay(Session session, Door door, Wire client, Wire server, Target target, boolean plain) {
        this.session = session;
        this.door = door;
        this.client = client;
        this.server = server;
        this.target = target;
        this.plain = plain;
    }

    /** Both sides hear each other from now on. Takes the bytes. */
    void begin(ByteBuf first, ByteBuf early) {
        var fromServer = new ServerEar();
        var fromClient = new ClientEar();
        door.ledger().took(target.address());
        door.figures().opened(session.port());
        server.listen(fromServer);
        client.listen(fromClient);
        fromServer.heard(first);
        client.flush();
        if (early.isReadable()) {
            fromClient.heard(early.readRetainedSlice(early.readableBytes()));
            server.flush();
        }
        early.release();
        door.changed();
        follow();
    }

    HostPort address() {
        return target.address();
    }

    /** Whether its transactions can't be seen. */
    boolean opaque() {
        return !plain;
    }

    boolean drains() {
        return fate == Fate.DRAINS;
    }

    /** Looks at the routes again. Whether the session was cut. */
    boolean follow() {
        var next = door.choice().fate(session.port(), target.address());
        if (next == Fate.LOST) {
            cut("lost", "Kumki: " + target.node() + " is served no more: " + door.choice().why());
            return true;
        }
        if (next != fate) {
            fate = next;
            fateSince = System.nanoTime();
        }
        return false;
    }

    void tick(long now) {
        if (over) {
            return;
        }
        if (asked != 0 && now - asked > Watch.SUSPICIOUS && session.port() == Port.RO) {
            door.suspect(target.address(), now);
        }
        if (fate != Fate.STAYS && rested(now)) {
            leave();
        } else if (fate == Fate.LEAVES && now - fateSince > TOLERANCE) {
            cut("unfit", "Kumki: " + target.node() + " is left by readers");
        }
    }

    private boolean rested(long now) {
        long enough = talk.fresh() ? FRESH : QUIET;
        return plain && talk.idle() && now - talk.idleSince() >= enough;
    }

    /** Ends it between two transactions, in order. */
    private void leave() {
        boolean drains = fate == Fate.DRAINS;
        var why = drains ? "a planned switchover is under way" : "readers leave " + target.node();
        door.figures().cut(drains ? "switchover" : "unfit");
        end();
        client.write(Packets.fatal(Packets.ADMIN_SHUTDOWN, "Kumki: " + why + ", connect anew"));
        client.finish();
        server.write(Packets.terminate());
        server.finish();
    }

    /** Ends it at once, whatever it does. */
    void cut(String reason, String message) {
        if (over) {
            return;
        }
        door.figures().cut(reason);
        end();
        server.abort();
        if (plain && talk.clientAtBoundary() && client.sent()) {
            client.write(Packets.fatal(Packets.ADMIN_SHUTDOWN, message));
            client.finish();
        } else {
            client.abort();
        }
    }

    private void end() {
        over = true;
        talk.key().ifPresent(door.ledger()::forgot);
        door.ledger().gave(target.address());
        door.figures().closed(session.port());
        session.end();
    }

    /** What could not be understood is passed on, but no longer followed. */
    private void check() {
        if (talk.lost()) {
            plain = false;
            door.changed();
        } else if (!keyed && talk.key().isPresent()) {
            keyed = true;
            door.ledger().learned(talk.key().get(), target.address());
        }
    }

    private final class ClientEar implements Wire.Ear {
        @Override
        public void heard(ByteBuf bytes) {
            if (over) {
                bytes.release();
                return;
            }
            long now = System.nanoTime();
            if (plain) {
                if (fate != Fate.STAYS && talk.idle() && Conversation.isReset(bytes)) {
                    // Nothing is begun yet: a pool drops the session and connects anew.
                    bytes.release();
                    leave();
                    return;
                }
                talk.toServer(bytes, now);
                if (talk.lost()) {
                    check();
                }
            }
            asked = asked == 0 ? now : asked;
            door.figures().toServer(bytes.readableBytes());
            server.write(bytes);
            if (server.full()) {
                client.read(false);
            }
        }

        @Override
        public void heardAll() {
            server.flush();
        }

        @Override
        public void drained() {
            server.read(true);
        }

        /** It may still want its answers. */
        @Override
        public void ended() {
            if (!over) {
                server.endOutput();
            }
        }

        @Override
        public void gone() {
            if (!over) {
                end();
                server.finish();
            }
        }
    }

    private final class ServerEar implements Wire.Ear {
        @Override
        public void heard(ByteBuf bytes) {
            if (over) {
                bytes.release();
                return;
            }
            asked = 0;
            if (plain) {
                talk.toClient(bytes, System.nanoTime());
                if (!keyed || talk.lost()) {
                    check();
                }
            }
            door.figures().toClient(bytes.readableBytes());
            client.write(bytes);
            if (client.full()) {
                server.read(false);
            }
        }

        @Override
        public void heardAll() {
            client.flush();
        }

        @Override
        public void drained() {
            client.read(true);
        }

        /** A server that says no more is done with the session. */
        @Override
        public void ended() {
            if (!over) {
                end();
                client.finish();
                server.finish();
            }
        }

        @Override
        public void gone() {
            if (!over) {
                end();
                client.finish();
            }
        }
    }
}
