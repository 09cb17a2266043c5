package io.kumki.config;

import io.kumki.config.Configuration.Postgres;
import io.kumki.config.Configuration.PostgresTls;
import io.kumki.config.Configuration.Secret;
import io.kumki.config.Configuration.TlsMode;
import io.kumki.config.Configuration.Webhook;
import io.kumki.core.model.Agreed;
import io.kumki.core.model.HostPort;
import io.kumki.core.model.Mode;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Peer.Standing;
import io.kumki.core.model.SecretText;
import io.kumki.core.model.Settings;
import io.kumki.core.model.Settings.OnCrash;
import io.kumki.core.model.Settings.Timing;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Turns texts into a configuration, and lists everything that is wrong with them at once. */
public final class Checker {
    private static final String WITNESS =
            "`%s = %s` contradicts `witness = true`: a witness has no server";
    private static final int TOKEN_LENGTH = 16;
    private static final NodeId NOBODY = new NodeId("nobody");

    private final Sources sources;
    private final Values values;
    private final DoorsChecker doors;
    private final List<String> problems;

    private Checker(Sources sources) {
        this.sources = sources;
        this.problems = new ArrayList<>(sources.problems());
        this.values = new Values(sources, problems);
        this.doors = new DoorsChecker(sources, values, problems);
    }

    /**
     * @param file the configuration file, if there is one
     * @throws ConfigurationException with every problem found; nothing was started
     */
    public static Configuration check(
            Optional<Path> file, Map<String, String> environment, List<String> arguments) {
        var sources = new Sources();
        file.ifPresent(sources::file);
        sources.environment(environment);
        sources.arguments(arguments);
        var checker = new Checker(sources);
        var configuration = checker.configuration();
        if (!checker.problems.isEmpty()) {
            throw new ConfigurationException(
                    checker.problems.stream().map(sources::located).toList());
        }
        return configuration;
    }

    private Configuration configuration() {
        boolean witness = values.flag(Key.WITNESS);
        var node = values.parsed(Key.NODE, "a node name", NodeId::new, NOBODY);
        if (sources.explicit(Key.NODE).isEmpty()) {
            problems.add("`node` is missing: this node's name");
        }
        var peers = peers(node);
        var settings = settings(node, witness);
        new Durations(sources, problems).check();
        return new Configuration(
                settings,
                peers,
                values.parsed(
                        Key.LISTEN, "HOST:PORT", HostPort::parse, new HostPort("0.0.0.0", 8008)),
                listenHealth(),
                token(),
                new TlsChecker(sources, problems).tls(Optional.ofNullable(peers.get(node))),
                values.folder(Key.STATE_DIR),
                new Configuration.Loop(
                        values.duration(Key.TICK, Duration.ofMillis(100), Duration.ofSeconds(5)),
                        values.duration(
                                Key.POLL_TIMEOUT, Duration.ofMillis(50), Duration.ofSeconds(10))),
                postgres(witness),
                new Configuration.Replicas(
                        values.bytes(Key.REPLICA_MAX_LAG),
                        values.duration(
                                Key.REPLICA_MAX_LAG_TIME,
                                Duration.ofMillis(100),
                                Duration.ofHours(1)),
                        values.duration(
                                Key.REPLICA_RETURN_AFTER, Duration.ZERO, Duration.ofHours(1))),
                writeProbe(),
                doors.gateway(),
                doors.haproxy(),
                doors.pgbouncer(this::secret),
                new OdooChecker(sources, values, problems).odoo(peers.keySet()),
                webhooks());
    }

    private Optional<HostPort> listenHealth() {
        return sources.explicit(Key.LISTEN_HEALTH)
                .map(
                        text ->
                                values.parsed(
                                        Key.LISTEN_HEALTH,
                                        "HOST:PORT",
                                        HostPort::parse,
                                        new HostPort("127.0.0.1", 8007)));
    }

    private TreeMap<NodeId, HostPort> peers(NodeId self) {
        var peers = values.map(Key.PEERS);
        if (peers.isEmpty()) {
            problems.add("`peers` is missing: all voters as NODE=HOST:PORT, with commas");
        } else if (!self.equals(NOBODY) && !peers.containsKey(self)) {
            problems.add(
                    "`peers` must name this node too: \"%s\" is not in %s"
                            .formatted(self, peers.keySet()));
        }
        if (peers.size() == 2) {
            problems.add(
                    "`peers` names two voters: with two, the loss of one stops the other; add a"
                            + " witness");
        }
        refuseTwins(peers);
        peers.values().stream()
                .filter(a -> a.host().contains("_"))
                .forEach(
                        a ->
                                problems.add(
                                        "`peers`: \"%s\" has an underscore, which is not valid in a"
                                                        .formatted(a.host())
                                                + " URI; use a hyphen"));
        return peers;
    }

    /** One agent under two names would have two votes. */
    private void refuseTwins(Map<NodeId, HostPort> peers) {
        var owners = new HashMap<HostPort, NodeId>();
        peers.forEach(
                (node, address) -> {
                    var other = owners.putIfAbsent(address, node);
                    if (other != null) {
                        problems.add(
                                "`peers`: %s and %s have the same address, %s; each needs its own"
                                        .formatted(other, node, address));
                    }
                });
    }

    private Settings settings(NodeId node, boolean witness) {
        var ttl =
                values.duration(
                        Key.TTL,
                        Duration.ofMillis(Agreed.SHORTEST_TTL),
                        Duration.ofMillis(Agreed.LONGEST_TTL));
        var timing =
                new Timing(
                        ttl.toMillis(),
                        millis(Key.SYNC_DEGRADE_AFTER),
                        millis(Key.UNREACHABLE_AFTER),
                        1_000,
                        1_500,
                        millis(Key.PATIENCE),
                        millis(Key.SWITCHOVER_DRAIN));
        return new Settings(
                node,
                values.text(Key.CLUSTER),
                witness,
                values.choice(Key.MODE, Mode.class, Mode.SYNC),
                values.bytes(Key.MAX_LAG_ON_FAILOVER),
                values.bytes(Key.ARCHIVE_MAX_BACKLOG),
                values.choice(Key.ON_CRASH, OnCrash.class, OnCrash.FAILOVER),
                values.flag(Key.BOOTSTRAP),
                new Standing(values.number(Key.PRIORITY, 0, 1000), values.flag(Key.NO_FAILOVER)),
                timing);
    }

    private long millis(Key key) {
        return values.duration(key, Duration.ofMillis(100), Duration.ofHours(1)).toMillis();
    }

    private Postgres postgres(boolean witness) {
        var unused = new HostPort("127.0.0.1", 5432);
        var local = values.parsed(Key.POSTGRES, "HOST:PORT", HostPort::parse, unused);
        var advertised =
                sources.explicit(Key.POSTGRES_ADVERTISED).isPresent()
                        ? values.parsed(
                                Key.POSTGRES_ADVERTISED, "HOST:PORT", HostPort::parse, unused)
                        : local;
        if (witness) {
            for (var key : List.of(Key.RUN_DIR, Key.BOOTSTRAP, Key.POSTGRES)) {
                sources.explicit(key)
                        .filter(v -> !v.equals("false"))
                        .ifPresent(v -> problems.add(WITNESS.formatted(key.key(), v)));
            }
            return new Postgres(
                    Optional.empty(),
                    local,
                    advertised,
                    "",
                    new Secret(""),
                    "postgres",
                    new PostgresTls(TlsMode.DISABLE, Optional.empty()));
        }
        return new Postgres(
                Optional.of(values.folder(Key.RUN_DIR)),
                local,
                advertised,
                values.text(Key.POSTGRES_USER),
                secret(Key.POSTGRES_PASSWORD, Key.POSTGRES_PASSWORD_FILE, "the agent's password"),
                values.text(Key.POSTGRES_DATABASE),
                new TlsChecker(sources, problems).postgres(values));
    }

    private Optional<Duration> writeProbe() {
        if (values.text(Key.WRITE_PROBE).equals("off")) {
            return Optional.empty();
        }
        return Optional.of(
                values.duration(Key.WRITE_PROBE, Duration.ofMillis(200), Duration.ofMinutes(1)));
    }

    /** Whoever guesses it can promote any node and vote. */
    private Secret token() {
        int before = problems.size();
        var token = secret(Key.TOKEN, Key.TOKEN_FILE, "the secret that all agents share");
        int length = token.value().length();
        if (problems.size() == before && length < TOKEN_LENGTH) {
            var key = sources.explicit(Key.TOKEN_FILE).isPresent() ? Key.TOKEN_FILE : Key.TOKEN;
            problems.add(
                    ("`%s`: the token has %d characters, at least %d are needed; make one with"
                                    + " `openssl rand -hex 32`, the same for all agents")
                            .formatted(key.key(), length, TOKEN_LENGTH));
        }
        return token;
    }

    /** One of the two would win in silence, and it may be the old one. */
    private void refuseBoth(Key direct, Key file) {
        if (sources.explicit(direct).isPresent() && sources.explicit(file).isPresent()) {
            problems.add(
                    "%s and %s are both set; expected one of them"
                            .formatted(sources.named(direct), sources.named(file)));
        }
    }

    private Secret secret(Key direct, Key file, String meaning) {
        refuseBoth(direct, file);
        var name = sources.explicit(file);
        if (name.isPresent()) {
            var text = content(file, name.get());
            if (text.filter(String::isEmpty).isPresent()) {
                problems.add("`%s`: %s is empty".formatted(file.key(), name.get()));
            }
            if (text.isPresent()) {
                return new Secret(text.get());
            }
        } else if (sources.explicit(direct).isEmpty()) {
            problems.add(
                    "%s is missing: set `%s` or %s"
                            .formatted(meaning, file.key(), direct.variable()));
        }
        return new Secret(SecretText.of(sources.explicit(direct).orElse("")));
    }

    private List<Webhook> webhooks() {
        var format = values.text(Key.WEBHOOK_FORMAT).toLowerCase(Locale.ROOT);
        if (!List.of("json", "slack").contains(format)) {
            problems.add("`webhook-format` is \"" + format + "\"; expected json or slack");
        }
        return webhookUrls().stream()
                .flatMap(v -> Arrays.stream(v.split(",")))
                .map(String::strip)
                .filter(url -> !url.isEmpty())
                .peek(this::checkUrl)
                .map(url -> new Webhook(url, format))
                .toList();
    }

    private Optional<String> webhookUrls() {
        var direct = sources.explicit(Key.WEBHOOK_URL);
        var file = sources.explicit(Key.WEBHOOK_URL_FILE);
        if (file.isEmpty()) {
            return direct;
        }
        refuseBoth(Key.WEBHOOK_URL, Key.WEBHOOK_URL_FILE);
        return content(Key.WEBHOOK_URL_FILE, file.get());
    }

    private Optional<String> content(Key key, String file) {
        try {
            return Optional.of(SecretText.of(Files.readString(Path.of(file))));
        } catch (IOException e) {
            problems.add(
                    "`%s`: cannot read %s (%s)"
                            .formatted(key.key(), file, e.getClass().getSimpleName()));
            return Optional.empty();
        }
    }

    private void checkUrl(String url) {
        try {
            var uri = URI.create(url);
            if (uri.getHost() != null && List.of("http", "https").contains(uri.getScheme())) {
                return;
            }
        } catch (IllegalArgumentException e) {
            // Reported below, without the text: a webhook's address is a secret.
        }
        problems.add("`webhook-url` is not an http or https address");
    }
}
