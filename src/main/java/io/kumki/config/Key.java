package io.kumki.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * The one schema of the agent's configuration. docs/CONFIGURATION.md and {@code kumki agent --help}
 * are made from it.
 */
public enum Key {
    NODE("", "This node's name: lower case letters, digits, hyphens. Required."),
    CLUSTER("kumki", "The cluster's name. Agents of another cluster are refused."),
    WITNESS("false", "`true`: this agent votes and has no server."),
    PEERS("", "All voters' agents, this one included: `n1=host:8008,...`. Required. Agreed on."),
    LISTEN("0.0.0.0:8008", "Where this agent's HTTP listens."),
    LISTEN_HEALTH("", "HOST:PORT where health paths and metrics answer without TLS."),
    TOKEN(
            "",
            "Shared secret of all agents and operators, 16 characters or more. Not on the command line."),
    TOKEN_FILE(
            "",
            "A file with the token, as `openssl rand -hex 32` makes one. Either this or `KUMKI_TOKEN`."),
    TLS_CERTIFICATE(
            "",
            "This agent's certificate, PEM. With it agents talk by mutual TLS: docs/MULTI_HOST.md."),
    TLS_KEY("", "Its key: PKCS#8, PEM, no password."),
    TLS_CA("", "The authority that all agents' certificates must be issued by, PEM."),
    STATE_DIR("", "Folder of this voter's durable state. It must survive restarts. Required."),
    RUN_DIR("", "Folder shared with the runner, in memory if possible. Required with a server."),
    POSTGRES("127.0.0.1:5432", "Where this agent reaches its server."),
    POSTGRES_ADVERTISED("", "Where other nodes and Odoo reach it. Default: `postgres`."),
    POSTGRES_USER(
            "kumki", "Role of the agent: pg_monitor, REPLICATION, pg_checkpoint; no superuser."),
    POSTGRES_PASSWORD("", "Its password. Not on the command line."),
    POSTGRES_PASSWORD_FILE("", "A file with its password."),
    POSTGRES_TLS(
            "disable",
            "`disable`, `prefer`, `require`, `verify-ca` or `verify-full`, as in libpq."),
    POSTGRES_TLS_CA("", "The authority of the server's certificate, PEM. Default: `tls-ca`."),
    POSTGRES_DATABASE("postgres", "Database that the agent connects to."),
    BOOTSTRAP("false", "`true` on one node: it may run initdb when all directories are empty."),
    MODE(
            "sync",
            "`sync`: commits wait for a standby while one is healthy. `async`: for nobody. Agreed on."),
    TTL("3s", "How long a lease lasts without a renewal: 1s to 60s. Agreed on: see below."),
    TICK("500ms", "Pause between two looks: 100ms to 5s."),
    POLL_TIMEOUT("800ms", "A catalog query slower than this counts as unanswered."),
    MAX_LAG_ON_FAILOVER("1MB", "In `async`: a standby further behind is not promoted."),
    ON_CRASH(
            "failover",
            "When the leader's server dies: `failover` to a safe standby, or `restart` it."),
    PRIORITY("100", "Among equals the higher one is promoted: 0 to 1000."),
    NO_FAILOVER("false", "`true`: this node is never promoted."),
    SYNC_DEGRADE_AFTER("2s", "How long commits wait for a lost standby before they go on alone."),
    UNREACHABLE_AFTER("2s", "A leader's server that does not answer for so long is given up."),
    PATIENCE("30s", "How long a start, a stop or a promotion may take before it is given up."),
    SWITCHOVER_DRAIN("5s", "How long open transactions may go on before a planned stop."),
    ARCHIVE_MAX_BACKLOG(
            "512MB", "With more WAL waiting for the archive: an alert, and no switchover."),
    REPLICA_MAX_LAG("16MB", "A replica further behind gets no reads: odoo.conf, gateway, proxies."),
    REPLICA_MAX_LAG_TIME("10s", "The same in time."),
    REPLICA_RETURN_AFTER("5s", "It returns after so long under half of both limits."),
    WRITE_PROBE(
            "off",
            "How often the leader writes a row that tells replicas' age, e.g. `1s`; or `off`."),
    GATEWAY_RW("", "HOST:PORT where the gateway leads sessions to the leader."),
    GATEWAY_RO("", "HOST:PORT where it leads them to the fittest replica, else to the leader."),
    GATEWAY_HOLD("15s", "How long a new session waits there while there is no server for it."),
    GATEWAY_CONNECT_TIMEOUT("1s", "How long one attempt to reach a server may take."),
    GATEWAY_MAX_SESSIONS("4000", "More are refused."),
    GATEWAY_TLS_CERTIFICATE("", "A PEM file: the gateway ends clients' TLS itself."),
    GATEWAY_TLS_KEY("", "Its key, in PEM."),
    ODOO_CONF(
            "", "The odoo.conf to keep pointed at the leader and a replica; several with commas."),
    ODOO_ENDPOINTS("", "What to write there instead of the nodes' addresses: `n1=host:port,...`."),
    ODOO_GATEWAY("", "`RW,RO`, each HOST:PORT: write a gateway's two addresses there, for ever."),
    ODOO_PID("", "Odoo's process, which gets SIGHUP; with several files one for each."),
    ODOO_PID_FILE("", "A file with Odoo's process id; with several files one for each."),
    ODOO_RELOAD_COMMAND("", "Run instead of SIGHUP; finds the file in KUMKI_ODOO_CONF."),
    ODOO_RESTART_COMMAND("", "Restarts Odoo; finds the file in KUMKI_ODOO_CONF."),
    ODOO_AFTER_FAILOVER(
            "none", "What Odoo is told of a new leader: `none`, `hangup`, `restart-command`."),
    HAPROXY_SOCKET(
            "", "HAProxy's runtime socket, a path or HOST:PORT: told of each change at once."),
    HAPROXY_WRITE_BACKEND("kumki_write", "Its backend for writes; servers are named as the nodes."),
    HAPROXY_READ_BACKEND("kumki_read", "Its backend for reads."),
    PGBOUNCER_ADMIN("", "HOST:PORT of PgBouncer: paused, repointed and resumed at each change."),
    PGBOUNCER_USER("kumki", "One of its `admin_users`."),
    PGBOUNCER_PASSWORD("", "That user's password; not on the command line."),
    PGBOUNCER_PASSWORD_FILE("", "A file with it."),
    PGBOUNCER_DATABASES("", "The file that its configuration includes for `[databases]`."),
    WEBHOOK_URL("", "Where alerts are posted; several with commas."),
    WEBHOOK_URL_FILE("", "A file with that, which no list of processes shows; empty: no webhook."),
    WEBHOOK_FORMAT("json", "`json`, or `slack`, which Mattermost takes too.");

    private final String standard;
    private final String meaning;

    Key(String standard, String meaning) {
        this.standard = standard;
        this.meaning = meaning;
    }

    /** As it stands in a file and, after two hyphens, on the command line. */
    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The environment variable. */
    public String variable() {
        return "KUMKI_" + name();
    }

    public String standard() {
        return standard;
    }

    public String meaning() {
        return meaning;
    }

    /** Must not stand on a command line, which every user of the machine can read. */
    boolean secret() {
        return this == TOKEN || this == POSTGRES_PASSWORD || this == PGBOUNCER_PASSWORD;
    }

    static Optional<Key> of(String key) {
        return Arrays.stream(values()).filter(k -> k.key().equals(key)).findFirst();
    }
}
