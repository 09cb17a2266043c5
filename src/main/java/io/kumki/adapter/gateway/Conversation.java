package io.kumki.adapter.gateway;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the door knows of a session in plain text: whether it is between transactions, since when,
 * and what it did last (PostgreSQL docs, 55.2).
 */
final class Conversation {
    private static final int SHORT = 32;
    private static final Pattern RESET =
            Pattern.compile("\\s*discard\\s+all\\s*;?\\s*", Pattern.CASE_INSENSITIVE);
    private static final int LONGEST_KEY = 4 + 256;

    private final Frames fromClient = new Frames(new ClientReader());
    private final Frames fromServer = new Frames(new ServerReader());

    /** ReadyForQuery messages that the server owes; the first one ends the startup. */
    private int owed = 1;

    /** The server reads rows of COPY: it ignores Sync until they end. */
    private boolean copying;

    private boolean lastWasSync;
    private boolean ready;
    private byte status;
    private boolean used;
    private boolean reset;
    private long now;
    private long readySince;
    private Optional<byte[]> key = Optional.empty();

    /** Bytes pass to the server at this time (System.nanoTime). */
    void toServer(ByteBuf bytes, long time) {
        now = time;
        fromClient.scan(bytes);
    }

    /** Bytes pass to the client at this time (System.nanoTime). */
    void toClient(ByteBuf bytes, long time) {
        now = time;
        fromServer.scan(bytes);
    }

    /** Whether a message of our own may be put between those of the server. */
    boolean clientAtBoundary() {
        return fromServer.atBoundary();
    }

    /** Between transactions, with every answer given. */
    boolean idle() {
        return ready
                && owed == 0
                && status == 'I'
                && !copying
                && fromClient.atBoundary()
                && fromServer.atBoundary();
    }

    /** Since when it is idle; nanoseconds of System.nanoTime. */
    long idleSince() {
        return readySince;
    }

    /**
     * Whether an idle session is likely to be in somebody's hands: it has just been opened, or
     * reset by DISCARD ALL, as a pool does when it hands a session out.
     */
    boolean fresh() {
        return !used || reset;
    }

    /** Whether the messages made no sense: then nothing above is worth anything. */
    boolean lost() {
        return fromClient.lost() || fromServer.lost();
    }

    /** What a CancelRequest for this session must hold. */
    Optional<byte[]> key() {
        return key;
    }

    /** Whether these bytes are DISCARD ALL and nothing else. */
    static boolean isReset(ByteBuf bytes) {
        int length = bytes.readableBytes();
        int start = bytes.readerIndex();
        if (length < 6 || length > SHORT + 5 || bytes.getByte(start) != 'Q') {
            return false;
        }
        var body = new byte[length - 5];
        bytes.getBytes(start + 5, body);
        return bytes.getInt(start + 1) == length - 1 && isReset(body, body.length);
    }

    private static boolean isReset(byte[] query, int length) {
        if (length < 12 || length > SHORT) {
            return false;
        }
        return RESET.matcher(new String(query, 0, length - 1, US_ASCII)).matches();
    }

    private final class ClientReader implements Frames.Reader {
        @Override
        public int wants(byte type, int body) {
            return type == 'Q' && body <= SHORT ? body : 0;
        }

        @Override
        public void message(byte type, int body, byte[] head) {
            switch (type) {
                case 'Q' -> {
                    owed++;
                    lastWasSync = false;
                }
                case 'F' -> owed++;
                case 'S' -> sync();
                case 'c', 'f' -> copying = false;
                default -> {}
            }
            ready = false;
            used |= type != 'p';
            reset = type == 'Q' && isReset(head, body);
        }

        private void sync() {
            if (!copying) {
                owed++;
                lastWasSync = true;
            }
        }
    }

    private final class ServerReader implements Frames.Reader {
        @Override
        public int wants(byte type, int body) {
            return switch (type) {
                case 'Z' -> 1;
                case 'K' -> LONGEST_KEY;
                default -> 0;
            };
        }

        @Override
        public void message(byte type, int body, byte[] head) {
            switch (type) {
                case 'Z' -> ready(body > 0 ? head[0] : 0);
                case 'K' -> key = Optional.of(Arrays.copyOf(head, Math.min(body, LONGEST_KEY)));
                case 'G' -> copy();
                case 'E' -> copying = false;
                default -> {}
            }
        }

        private void ready(byte state) {
            owed = Math.max(0, owed - 1);
            status = state;
            copying = false;
            ready = owed == 0;
            readySince = now;
        }

        /** A Sync that was sent along with the COPY is read as part of its rows, and ignored. */
        private void copy() {
            copying = true;
            if (lastWasSync && owed > 0) {
                owed--;
                lastWasSync = false;
            }
        }
    }
}
