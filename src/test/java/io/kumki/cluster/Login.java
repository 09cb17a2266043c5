package io.kumki.cluster;

import io.kumki.core.model.HostPort;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;

/** Who connects to a server. */
record Login(String user, String password, String database) {

    /** One server, whatever it is. Connecting and each answer have two seconds. */
    Connection to(HostPort server, String... options) throws SQLException {
        return open(List.of(server), "any", options);
    }

    /** Whichever of the servers says that it accepts writes. */
    Connection toPrimaryOf(List<HostPort> servers) throws SQLException {
        return open(servers, "primary");
    }

    /** One that may be held at a door: connecting and each answer have half a minute. */
    Connection through(HostPort door) throws SQLException {
        var properties = properties("30", "30");
        return DriverManager.getConnection(
                "jdbc:postgresql://" + door + "/" + database, properties);
    }

    private Connection open(List<HostPort> servers, String type, String... options)
            throws SQLException {
        var properties = properties("2", "5");
        properties.setProperty("targetServerType", type);
        properties.setProperty("hostRecheckSeconds", "0");
        properties.setProperty("options", String.join(" ", options));
        var hosts = servers.stream().map(HostPort::toString).collect(Collectors.joining(","));
        return DriverManager.getConnection(
                "jdbc:postgresql://" + hosts + "/" + database, properties);
    }

    private Properties properties(String seconds, String loginSeconds) {
        var properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        properties.setProperty("connectTimeout", seconds);
        properties.setProperty("socketTimeout", seconds);
        properties.setProperty("loginTimeout", loginSeconds);
        return properties;
    }

    /** The first column of the first row, as text. */
    String ask(HostPort server, String sql) throws SQLException {
        try (var connection = to(server);
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    void tell(HostPort server, String sql) throws SQLException {
        try (var connection = to(server);
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
