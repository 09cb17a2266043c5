package io.kumki.adapter.postgres;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.pgclient.PgConnection;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgException;
import java.util.Map;
import java.util.TreeMap;

/**
 * Opens sessions of ours, with everything pinned that they depend on. Defaults for all sessions
 * (ALTER ROLE, ALTER DATABASE, ALTER SYSTEM, postgresql.conf) are made for other people's: {@code
 * default_transaction_isolation = serializable} fails every query on a standby, a short time limit
 * each of ours. A parameter of the start-up packet wins over all of them. Pinned is what a role
 * without rights may set, and what could fail, delay or change an answer.
 */
final class Login {
    private static final Map<String, String> PINNED =
            Map.ofEntries(
                    Map.entry("application_name", "kumki"),
                    Map.entry("search_path", "pg_catalog"),
                    Map.entry("role", "none"),
                    Map.entry("default_transaction_isolation", "read committed"),
                    Map.entry("default_transaction_read_only", "off"),
                    Map.entry("default_transaction_deferrable", "off"),
                    Map.entry("statement_timeout", "0"),
                    Map.entry("lock_timeout", "0"),
                    Map.entry("idle_in_transaction_session_timeout", "0"),
                    Map.entry("client_encoding", "UTF8"),
                    Map.entry("client_min_messages", "warning"),
                    Map.entry("standard_conforming_strings", "on"),
                    Map.entry("transform_null_equals", "off"),
                    Map.entry("row_security", "on"),
                    Map.entry("DateStyle", "ISO"),
                    Map.entry("IntervalStyle", "postgres"),
                    // The start of a server is compared as text.
                    Map.entry("TimeZone", "UTC"),
                    Map.entry("bytea_output", "hex"),
                    Map.entry("extra_float_digits", "1"),
                    // Compiling the poll takes longer than its deadline.
                    Map.entry("jit", "off"),
                    Map.entry("default_tablespace", ""),
                    Map.entry("default_table_access_method", "heap"));

    /** Since 14. An older server refuses a session that names it. */
    private static final Map<String, String> SINCE_14 = Map.of("idle_session_timeout", "0");

    /** Since 17. */
    private static final Map<String, String> SINCE_17 = Map.of("transaction_timeout", "0");

    private static final String UNKNOWN_PARAMETER = "42704";
    private static final String NO_PRIVILEGE = "42501";

    private final Vertx vertx;
    private final PgConnectOptions options;

    /** Nobody knows before the first answer; 13 is the only one that refuses. */
    private volatile int version = 14;

    /** The server let nobody of ours in, for a reason that needs more words than it gives. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1;

        Refused(String message, PgException cause) {
            super(message, cause);
        }
    }

    /**
     * @param options what they say of the parameters pinned here is not heard
     */
    Login(Vertx vertx, PgConnectOptions options) {
        this.vertx = vertx;
        this.options = new PgConnectOptions(options);
    }

    /** A fresh session. Fails as the server does, or with {@link Refused}. */
    Uni<PgConnection> open() {
        int assumed = version;
        return connect(assumed)
                .onFailure(f -> assumed >= 14 && state(f).equals(UNKNOWN_PARAMETER))
                .recoverWithUni(
                        () -> {
                            version = 13;
                            return connect(13);
                        })
                .onFailure(f -> state(f).equals(NO_PRIVILEGE))
                .transform(this::mayNotConnect)
                .chain(this::learn);
    }

    /**
     * The driver prints what befalls a session that nobody listens to, with its whole stack, at
     * each ordered stop. Whoever uses the session learns of it by its query or its end.
     */
    private Uni<PgConnection> connect(int major) {
        return PgConnection.connect(vertx, pinned(major))
                .invoke(fresh -> fresh.exceptionHandler(ended -> {}));
    }

    /**
     * @param major the server's version
     */
    PgConnectOptions pinned(int major) {
        var parameters = new TreeMap<>(options.getProperties());
        parameters.putAll(PINNED);
        if (major >= 14) {
            parameters.putAll(SINCE_14);
        }
        if (major >= 17) {
            parameters.putAll(SINCE_17);
        }
        return new PgConnectOptions(options).setProperties(parameters);
    }

    /** The first session of a newer server still lacks what the next ones begin with. */
    private Uni<PgConnection> learn(PgConnection fresh) {
        int assumed = version;
        version = fresh.databaseMetadata().majorVersion();
        return version >= 17 && assumed < 17
                ? fresh.query("set transaction_timeout = 0").execute().replaceWith(fresh)
                : Uni.createFrom().item(fresh);
    }

    /** The server does not say which role it means, and a hardened cluster has taken the right. */
    private Throwable mayNotConnect(Throwable failure) {
        var role = options.getUser();
        var database = options.getDatabase();
        return new Refused(
                "role %s may not connect to database %s (%s); as superuser: grant connect on database %s to %s"
                        .formatted(role, database, failure.getMessage(), database, role),
                (PgException) failure);
    }

    private static String state(Throwable failure) {
        return failure instanceof PgException refusal && refusal.getSqlState() != null
                ? refusal.getSqlState()
                : "";
    }
}
