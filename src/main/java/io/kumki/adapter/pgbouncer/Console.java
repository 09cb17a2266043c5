package io.kumki.adapter.pgbouncer;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.ongres.scram.client.ScramClient;
import com.ongres.scram.common.exception.ScramException;
import io.kumki.core.model.HostPort;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jboss.logging.Logger;

/**
 * PgBouncer's admin console: a database that knows the simple query protocol only (PostgreSQL's
 * documentation, 55.7), and not the start-up parameters that drivers send. Blocks, and each answer
 * has a deadline. Without TLS: PgBouncer stands beside its agent.
 */
final class Console implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Console.class);
    private static final int PROTOCOL = 3 << 16;
    private static final int LARGEST = 1 << 20;
    private static final String MECHANISM = "SCRAM-SHA-256";
    private static final int OK = 0;
    private static final int SASL = 10;
    private static final int SASL_CONTINUE = 11;
    private static final int SASL_FINAL = 12;

    /** Who may give orders there, and where. */
    record Login(HostPort admin, String user, String password) {
        @Override
        public String toString() {
            return user + " at " + admin;
        }
    }

    /** PgBouncer understood, and said no. */
    static final class Refusal extends IOException {
        private static final long serialVersionUID = 1L;

        Refusal(String text) {
            super(text);
        }
    }

    private record Message(char type, ByteBuffer body) {
        String text() {
            int end = body.position();
            while (body.get(end) != 0) {
                end++;
            }
            var bytes = new byte[end - body.position()];
            body.get(bytes).get();
            return new String(bytes, UTF_8);
        }

        String rest() {
            var bytes = new byte[body.remaining()];
            body.get(bytes);
            return new String(bytes, UTF_8);
        }
    }

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;

    private Console(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        // PgBouncer refuses a login whose message comes in pieces.
        this.out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
    }

    /**
     * @param deadline of the connect and of each answer
     */
    static Console open(Login login, Duration deadline) throws IOException {
        var socket = new Socket();
        try {
            int millis = (int) deadline.toMillis();
            var admin = login.admin();
            socket.connect(new InetSocketAddress(admin.host(), admin.port()), millis);
            socket.setSoTimeout(millis);
            socket.setTcpNoDelay(true);
            var console = new Console(socket);
            console.logIn(login);
            return console;
        } catch (IOException e) {
            try (socket) {
                throw e;
            }
        }
    }

    /**
     * @return the rows, each by column; an absent value is empty
     * @throws Refusal with PgBouncer's words; the console goes on
     */
    List<Map<String, String>> ask(String command) throws IOException {
        send('Q', command.getBytes(UTF_8), new byte[] {0});
        var columns = new ArrayList<String>();
        var rows = new ArrayList<Map<String, String>>();
        var error = "";
        for (var message = receive(); message.type() != 'Z'; message = receive()) {
            switch (message.type()) {
                case 'T' -> columns.addAll(columns(message));
                case 'D' -> rows.add(row(columns, message));
                case 'E' -> error = errorText(message);
                default -> {}
            }
        }
        if (!error.isEmpty()) {
            throw new Refusal(error);
        }
        return rows;
    }

    /** Gives an order whose answer may take long, and waits for it that long at most. */
    void tell(String command, Duration patience) throws IOException {
        socket.setSoTimeout((int) patience.toMillis());
        try {
            ask(command);
        } catch (SocketTimeoutException notYet) {
            LOG.debugf("pgbouncer: %s has not ended yet", command);
        }
    }

    private void logIn(Login login) throws IOException {
        var text = "user\0" + login.user() + "\0database\0pgbouncer\0\0";
        var parameters = text.getBytes(UTF_8);
        out.writeInt(8 + parameters.length);
        out.writeInt(PROTOCOL);
        out.write(parameters);
        out.flush();
        var scram =
                ScramClient.builder()
                        .advertisedMechanisms(List.of(MECHANISM))
                        .username(login.user())
                        .password(login.password().toCharArray())
                        .build();
        for (var message = receive(); message.type() != 'Z'; message = receive()) {
            if (message.type() == 'E') {
                throw new Refusal(errorText(message));
            }
            if (message.type() == 'R') {
                authenticate(scram, message);
            }
        }
    }

    /** SCRAM only: the other ways show the password, or what is as good as it, to a listener. */
    private void authenticate(ScramClient scram, Message message) throws IOException {
        int method = message.body().getInt();
        try {
            switch (method) {
                case OK -> {}
                case SASL -> {
                    var first = scram.clientFirstMessage().toString().getBytes(UTF_8);
                    var length = ByteBuffer.allocate(4).putInt(first.length).array();
                    send('p', (MECHANISM + "\0").getBytes(UTF_8), length, first);
                }
                case SASL_CONTINUE -> {
                    scram.serverFirstMessage(message.rest());
                    send('p', scram.clientFinalMessage().toString().getBytes(UTF_8));
                }
                case SASL_FINAL -> scram.serverFinalMessage(message.rest());
                default ->
                        throw new IOException(
                                "it wants another login than scram-sha-256 (%d); set auth_type"
                                        .formatted(method));
            }
        } catch (ScramException e) {
            throw new IOException("its login by scram-sha-256 failed: " + e.getMessage(), e);
        }
    }

    private static List<String> columns(Message message) {
        var names = new ArrayList<String>();
        int count = message.body().getShort();
        for (int i = 0; i < count; i++) {
            names.add(message.text());
            // Table, attribute, type, its length and modifier, format: of no use here.
            message.body().position(message.body().position() + 18);
        }
        return names;
    }

    private static Map<String, String> row(List<String> columns, Message message) {
        var row = new HashMap<String, String>();
        int count = message.body().getShort();
        for (int i = 0; i < count; i++) {
            int length = message.body().getInt();
            var value = new byte[Math.max(0, length)];
            message.body().get(value);
            row.put(columns.get(i), new String(value, UTF_8));
        }
        return row;
    }

    private static String errorText(Message message) {
        for (byte code = message.body().get(); code != 0; code = message.body().get()) {
            var text = message.text();
            if (code == 'M') {
                return text;
            }
        }
        return "an error without a text";
    }

    private void send(char type, byte[]... parts) throws IOException {
        var body = new ByteArrayOutputStream();
        for (var part : parts) {
            body.write(part);
        }
        out.writeByte(type);
        out.writeInt(4 + body.size());
        body.writeTo(out);
        out.flush();
    }

    private Message receive() throws IOException {
        char type = (char) in.readUnsignedByte();
        int length = in.readInt() - 4;
        if (length < 0 || length > LARGEST) {
            throw new IOException("it does not speak PostgreSQL's protocol");
        }
        return new Message(type, ByteBuffer.wrap(in.readNBytes(length)));
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debugf("pgbouncer: %s", e.getMessage());
        }
    }
}
