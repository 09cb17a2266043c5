package io.kumki.config;

import io.kumki.core.model.HostPort;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Settings;
import io.kumki.tls.PemFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The agent's configuration, checked as a whole. Made by {@link Checker}, never half.
 *
 * @param peers every voter's agent, this one included
 * @param listenHealth for health checks in plain HTTP; empty: {@code listen} is for them too
 * @param tls empty: agents talk in plain text
 * @param writeProbe how often; empty: never
 */
public record Configuration(
        Settings settings,
        TreeMap<NodeId, HostPort> peers,
        HostPort listen,
        Optional<HostPort> listenHealth,
        Secret token,
        Optional<PemFiles> tls,
        Path stateDir,
        Loop loop,
        Postgres postgres,
        Replicas replicas,
        Optional<Duration> writeProbe,
        Gateway gateway,
        Optional<Haproxy> haproxy,
        Optional<Pgbouncer> pgbouncer,
        Odoo odoo,
        List<Webhook> webhooks) {

    /** A secret that does not show up where values are printed. */
    public record Secret(String value) {
        @Override
        public String toString() {
            return "(secret)";
        }
    }

    public record Loop(Duration tick, Duration pollTimeout) {}

    /**
     * @param runDir empty for a witness
     * @param advertised where other nodes and Odoo reach the server
     */
    public record Postgres(
            Optional<Path> runDir,
            HostPort local,
            HostPort advertised,
            String user,
            Secret password,
            String database,
            PostgresTls tls) {}

    /**
     * @param authority empty: the server's certificate is not checked
     */
    public record PostgresTls(TlsMode mode, Optional<Path> authority) {}

    /** As libpq's sslmode. */
    public enum TlsMode {
        DISABLE,
        PREFER,
        REQUIRE,
        VERIFY_CA,
        VERIFY_FULL;

        /** Whether the server's certificate is checked. */
        public boolean verifies() {
            return this == VERIFY_CA || this == VERIFY_FULL;
        }
    }

    /** How far a replica may trail before reads go elsewhere. */
    public record Replicas(long maxLag, Duration maxLagTime, Duration returnAfter) {}

    /**
     * @param rw empty: no such door
     * @param ro empty: no such door
     * @param tls certificate and key, if it ends TLS itself
     */
    public record Gateway(
            Optional<HostPort> rw,
            Optional<HostPort> ro,
            Duration hold,
            Duration connectTimeout,
            int maxSessions,
            Optional<Tls> tls) {

        public record Tls(Path certificate, Path key) {}

        public boolean isOpen() {
            return rw.isPresent() || ro.isPresent();
        }
    }

    /**
     * @param socket of its runtime API: a path, or HOST:PORT
     */
    public record Haproxy(String socket, String writeBackend, String readBackend) {}

    /**
     * @param databases the file that we own and that it includes
     */
    public record Pgbouncer(HostPort admin, String user, Secret password, Path databases) {}

    /**
     * @param instances empty: no Odoo here
     * @param endpoints what to write for a node instead of its address; not with a gateway
     * @param gateway what to write for ever instead of the nodes' addresses
     * @param reloadCommand instead of SIGHUP
     */
    public record Odoo(
            List<Instance> instances,
            Map<NodeId, HostPort> endpoints,
            Optional<Door> gateway,
            AfterFailover afterFailover,
            Optional<String> reloadCommand,
            Optional<String> restartCommand) {

        /** One odoo.conf and the process that reads it. */
        public record Instance(Path conf, Optional<Long> pid, Optional<Path> pidFile) {}

        public record Door(HostPort rw, HostPort ro) {}
    }

    /** What Odoo is told when the leader changed and its file did not. */
    public enum AfterFailover {
        NONE,
        HANGUP,
        RESTART_COMMAND
    }

    public record Webhook(String url, String format) {}
}
