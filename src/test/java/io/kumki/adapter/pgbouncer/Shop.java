package io.kumki.adapter.pgbouncer;

import io.kumki.adapter.haproxy.LoneServer;
import java.sql.Connection;
import java.sql.SQLException;

/** The database of the tests, the same on two servers, and what is done with it. */
final class Shop {
    static final String USER = "odoo";
    static final String PASSWORD = "odoo's word";

    private Shop() {}

    /**
     * Makes it on both, for one user with one and the same secret, as on a primary and its replica.
     *
     * @return the secret: what the servers hold instead of the password
     */
    static String open(LoneServer first, LoneServer second) {
        first.sql("create role odoo login createdb password 'odoo''s word'");
        var secret =
                first.ask("postgres", "select rolpassword from pg_authid where rolname = 'odoo'");
        second.sql("create role odoo login createdb password '" + secret + "'");
        fill(first);
        fill(second);
        return secret;
    }

    private static void fill(LoneServer server) {
        server.sql("create database shop owner odoo");
        int port = server.target().address().port();
        try (var connection = LoneServer.connect(port, "shop", USER, PASSWORD)) {
            execute(connection, "create table orders (id bigserial)");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    static void order(Connection connection) throws SQLException {
        execute(connection, "insert into orders default values");
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
