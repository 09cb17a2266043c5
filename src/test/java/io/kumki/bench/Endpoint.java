package io.kumki.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import javax.net.SocketFactory;

/** A server as a client reaches it. */
record Endpoint(String name, String host, int port, Login login) {
    /** Who connects, and to which database. */
    record Login(String user, String password, String database) {}

    private static final int CONNECT_MILLIS = 300;
    private static final int ANSWER_MILLIS = 500;

    Endpoint as(Login other) {
        return new Endpoint(name, host, port, other);
    }

    /** Connects within 300 ms; from then on every answer must come within 500 ms. */
    Connection connect() throws SQLException {
        return connect(ANSWER_MILLIS);
    }

    /** As {@link #connect()}, with another deadline for answers; 0 waits for ever. */
    Connection connect(int answerMillis) throws SQLException {
        var wanted = new Properties();
        wanted.setProperty("user", login.user());
        wanted.setProperty("password", login.password());
        wanted.setProperty("sslmode", "disable");
        wanted.setProperty("gssEncMode", "disable");
        wanted.setProperty("preferQueryMode", "simple");
        wanted.setProperty("ApplicationName", "kumki-bench");
        wanted.setProperty("socketFactory", ImpatientSockets.class.getName());
        var url = "jdbc:postgresql://%s:%d/%s".formatted(host, port, login.database());
        var connection = DriverManager.getConnection(url, wanted);
        connection.setNetworkTimeout(Runnable::run, answerMillis);
        return connection;
    }

    /** The driver itself knows only whole seconds. */
    public static final class ImpatientSockets extends SocketFactory {
        @Override
        public Socket createSocket() {
            return new Socket() {
                @Override
                public void connect(SocketAddress to, int ignored) throws IOException {
                    super.connect(to, CONNECT_MILLIS);
                    setSoTimeout(ANSWER_MILLIS);
                }
            };
        }

        @Override
        public Socket createSocket(String host, int port) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress from, int local) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(InetAddress host, int port) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress from, int local) {
            throw new UnsupportedOperationException();
        }
    }
}
