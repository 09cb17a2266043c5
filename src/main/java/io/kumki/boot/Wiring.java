package io.kumki.boot;

import io.kumki.adapter.alert.AlertSettings;
import io.kumki.adapter.alert.AlertSettings.Format;
import io.kumki.adapter.alert.AlertSettings.Hook;
import io.kumki.adapter.peer.HttpPeers;
import io.kumki.adapter.postgres.PgCatalog;
import io.kumki.adapter.postgres.WriteProbe;
import io.kumki.adapter.register.EmbeddedRegister;
import io.kumki.adapter.register.PosixDisk;
import io.kumki.adapter.register.Voter;
import io.kumki.adapter.runner.NoServer;
import io.kumki.adapter.runner.RunnerDirectory;
import io.kumki.agent.HaLoop;
import io.kumki.agent.StatusBoard;
import io.kumki.agent.port.Catalog;
import io.kumki.agent.port.Clock;
import io.kumki.agent.port.RecordCodec;
import io.kumki.agent.port.ServerControl;
import io.kumki.api.Operator;
import io.kumki.api.Token;
import io.kumki.config.Configuration;
import io.kumki.core.consensus.Acceptor;
import io.kumki.core.consensus.AcceptorStore;
import io.kumki.core.consensus.Proposer;
import io.kumki.core.model.HostPort;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Settings;
import io.kumki.core.routing.ReplicaFitness;
import io.kumki.wire.Json;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduler;
import io.vertx.mutiny.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Locale;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** Puts the parts of an agent together. All of it is made at the start, nothing is looked up. */
@ApplicationScoped
public class Wiring {
    private static final Logger LOG = Logger.getLogger(Wiring.class);
    private static final Duration PEER_PATIENCE = Duration.ofMillis(400);
    private static final Duration RUNNER_LOOK = Duration.ofMillis(25);

    private final Configuration configuration = Launch.configuration();
    private final Settings settings = configuration.settings();
    private final String incarnation = UUID.randomUUID().toString().substring(0, 8);
    private final Uptime clock = new Uptime();
    private final Loop loop = new Loop();
    private final RecordCodec codec = new Json.Records();
    private final StatusBoard board = new StatusBoard();
    private final TreeSet<NodeId> voters = new TreeSet<>(configuration.peers().keySet());
    private final Proposer proposer =
            new Proposer(
                    settings.self().name(),
                    incarnation,
                    voters.stream().map(NodeId::name).collect(Collectors.toSet()));
    private final Voter voter =
            new Voter(
                    new Acceptor(
                            new AcceptorStore(new PosixDisk(configuration.stateDir())),
                            RecordCodec::renewalOf,
                            proposer::highestIssued,
                            clock.uptime()),
                    proposer::highestIssued,
                    clock);
    private final HttpPeers peers;
    private final EmbeddedRegister register;
    private final Catalog catalog;
    private final HaLoop ha;
    private final Front front;
    private volatile boolean started;

    Wiring(Vertx vertx, MeterRegistry meters, Encryption encryption) {
        front = new Front(configuration, vertx.getDelegate(), meters, this::poke);
        peers = peers(vertx, encryption);
        register = new EmbeddedRegister(proposer, peers, loop, new SecureRandom());
        var none = new NoServer();
        catalog = settings.witness() ? none : catalog(vertx);
        ServerControl control = settings.witness() ? none : directory();
        ha =
                new HaLoop(
                        new HaLoop.Identity(
                                settings,
                                voters,
                                configuration.postgres().advertised(),
                                incarnation,
                                limits(),
                                configuration.loop().tick().toMillis(),
                                configuration
                                        .loop()
                                        .tick()
                                        .plus(configuration.loop().pollTimeout())
                                        .toMillis()),
                        new HaLoop.Ports(
                                clock,
                                loop,
                                System::currentTimeMillis,
                                catalog,
                                control,
                                peers,
                                new OwnVoterFirst(register, voter::report),
                                voter::report,
                                front::state,
                                codec,
                                board,
                                Wiring::tickFailed));
    }

    /** One that only took too long is no bug: its stack would say nothing. */
    private static void tickFailed(Throwable failure) {
        if (failure instanceof TimeoutException) {
            LOG.warnf("%s; the next one goes on. Is this machine starved?", failure.getMessage());
        } else {
            LOG.error("a tick failed; the next one goes on", failure);
        }
    }

    private ReplicaFitness.Limits limits() {
        var replicas = configuration.replicas();
        return new ReplicaFitness.Limits(
                replicas.maxLag(), replicas.maxLagTime(), replicas.returnAfter());
    }

    private HttpPeers peers(Vertx vertx, Encryption encryption) {
        var others = new TreeMap<NodeId, HostPort>(configuration.peers());
        others.remove(settings.self());
        return new HttpPeers(
                vertx,
                encryption.rotation(),
                others,
                new HttpPeers.Terms(
                        settings.self(),
                        incarnation,
                        settings.cluster(),
                        configuration.token().value(),
                        PEER_PATIENCE,
                        configuration.loop().tick().multipliedBy(2).plus(PEER_PATIENCE)),
                voter::handle,
                loop);
    }

    private RunnerDirectory directory() {
        var directory =
                new RunnerDirectory(
                        configuration.postgres().runDir().orElseThrow(),
                        settings.self().slot(),
                        clock,
                        this::poke);
        directory.watch(RUNNER_LOOK);
        return directory;
    }

    private PgCatalog catalog(Vertx vertx) {
        var strangers =
                configuration.peers().keySet().stream()
                        .filter(n -> !n.equals(settings.self()))
                        .map(NodeId::name)
                        .collect(Collectors.toSet());
        return new PgCatalog(
                vertx, login(), configuration.loop().pollTimeout(), loop, this::poke, strangers);
    }

    private PgConnectOptions login() {
        var postgres = configuration.postgres();
        var options = new PgConnectOptions();
        Encryption.protect(options, postgres.tls());
        return options.setHost(postgres.local().host())
                .setPort(postgres.local().port())
                .setUser(postgres.user())
                .setPassword(postgres.password().value())
                .setDatabase(postgres.database());
    }

    /** The first poll of a cold agent is slow, so one is made that nobody judges. */
    void start(
            @Observes StartupEvent event, Scheduler scheduler, Vertx vertx, MeterRegistry meters) {
        var others = new TreeSet<>(voters);
        others.remove(settings.self());
        board.tell(new Former(voter, others));
        board.tell(new OwnFile(voter::object));
        board.tell(front);
        configuration
                .writeProbe()
                .filter(every -> !settings.witness())
                .ifPresent(every -> board.tell(new WriteProbe(vertx, login(), every, meters)));
        if (!configuration.odoo().instances().isEmpty()) {
            board.tell(new OdooLink(configuration.odoo(), configuration.stateDir()));
        }
        LOG.infof(
                "agent node=%s incarnation=%s voters=%s ttl=%dms mode=%s",
                settings.self(), incarnation, voters, settings.timing().ttl(), settings.mode());
        front.open()
                .onFailure(Wiring::refuse)
                .onSuccess(
                        open ->
                                catalog.poll()
                                        .subscribe()
                                        .with(warm -> loop.execute(() -> begin(scheduler))));
    }

    private void begin(Scheduler scheduler) {
        started = true;
        ha.start();
        scheduler.resume();
    }

    /** A door that is not there would be found missing at the next failover. */
    private static void refuse(Throwable failure) {
        LOG.errorf("the agent ends: %s", failure.getMessage());
        Quarkus.asyncExit(1);
    }

    /** The loop ends before Quarkus takes its parts away. A lease that we hold runs out. */
    void stop(@Observes ShutdownEvent event) {
        started = false;
        loop.execute(ha::stop);
        front.close();
    }

    /**
     * A fact has arrived. May be called on any thread; before the start there is no tick to make.
     */
    void poke() {
        if (started) {
            loop.execute(() -> ha.poke());
        }
    }

    @Produces
    @Singleton
    StatusBoard board() {
        return board;
    }

    @Produces
    @Singleton
    Clock clock() {
        return clock;
    }

    @Produces
    @Singleton
    Settings settings() {
        return settings;
    }

    @Produces
    @Singleton
    ReplicaFitness.Limits replicaLimits() {
        return limits();
    }

    @Produces
    @Singleton
    Token token() {
        return new Token(configuration.token().value());
    }

    @Produces
    @Singleton
    AlertSettings alertSettings() {
        return new AlertSettings(
                configuration.webhooks().stream()
                        .map(
                                w ->
                                        new Hook(
                                                URI.create(w.url()),
                                                Format.valueOf(
                                                        w.format().toUpperCase(Locale.ROOT))))
                        .toList());
    }

    @Produces
    @Singleton
    PeerDesk peerDesk() {
        return new PeerDesk(peers, voter, board, codec, this::poke);
    }

    @Produces
    @Singleton
    Operator operator() {
        var others = new TreeSet<>(voters);
        others.remove(settings.self());
        return new Operations(
                new Operations.Parts(
                        board,
                        new OwnVoterFirst(register, voter::report),
                        register,
                        voter,
                        peers,
                        codec,
                        loop,
                        this::poke,
                        proposer::highestIssued,
                        others));
    }
}
