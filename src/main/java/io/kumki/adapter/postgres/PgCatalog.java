package io.kumki.adapter.postgres;

import io.kumki.agent.port.Catalog;
import io.kumki.core.model.Action.Slots;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.LocalServer.Starting;
import io.kumki.core.model.LocalServer.Synchronous;
import io.kumki.core.model.LocalServer.Unreachable;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.pgclient.PgConnection;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * The local server by SQL, over one connection that stays open: when it breaks, the server has died
 * or is about to, and the loop hears of it at once.
 */
public final class PgCatalog implements Catalog {
    private static final int CONNECT_MILLIS = 5_000;
    private static final Duration CHECKPOINT = Duration.ofMinutes(10);
    private static final Duration SLOTS = Duration.ofSeconds(30);
    private static final long LATE_NANOS = Duration.ofSeconds(5).toNanos();

    /** cannot_connect_now: it starts, recovers or stops. */
    private static final String STARTING = "57P03";

    private static final String NAME = "select current_setting('cluster_name') as cluster_name";
    private static final String CREATE_SLOT =
            "select pg_create_physical_replication_slot($1, true)";
    private static final String DROP_SLOT = "select pg_drop_replication_slot($1)";
    private static final String ADVANCE_SLOT =
            "select pg_replication_slot_advance($1, $2::text::pg_lsn)";

    private final PgConnectOptions options;
    private final Login login;
    private final Duration deadline;
    private final Executor loop;
    private final FrontDoor door;
    private final ArchiveWatch archive;
    private final CommitWatch commits;
    private final Set<String> strangers;
    private final KeptConnection connection;
    private final CancelledWaits waits = new CancelledWaits();
    private Optional<Uni<LocalServer>> pending = Optional.empty();
    private long askedAt;
    private long questions;
    private volatile int errors;

    /**
     * @param deadline of one poll, connecting included
     * @param loop on which answers are given
     * @param poke told when the connection breaks
     * @param strangers the other nodes' names: a server that calls itself so is not ours
     */
    public PgCatalog(
            Vertx vertx,
            PgConnectOptions options,
            Duration deadline,
            Executor loop,
            Runnable poke,
            Set<String> strangers) {
        this.options = options;
        this.login =
                new Login(
                        vertx,
                        new PgConnectOptions(options)
                                .setCachePreparedStatements(true)
                                .setConnectTimeout(CONNECT_MILLIS));
        this.deadline = deadline;
        this.loop = loop;
        this.strangers = Set.copyOf(strangers);
        this.connection = new KeptConnection(login, fresh -> Uni.createFrom().voidItem(), poke);
        this.door = new FrontDoor(vertx, options.getHost(), options.getPort());
        this.archive = new ArchiveWatch(login);
        this.commits = new CommitWatch(committing(vertx, options), login);
    }

    /** Its commits wait for a standby whenever any do, whatever others' default is. */
    private static Login committing(Vertx vertx, PgConnectOptions options) {
        return new Login(
                vertx, new PgConnectOptions(options).addProperty("synchronous_commit", "on"));
    }

    /** Never fails: an unanswered or refused query is itself an observation. */
    @Override
    public Uni<LocalServer> poll() {
        var complaint = door.knock();
        if (complaint.isPresent()) {
            return Uni.createFrom().item(new Unreachable(complaint.get(), 0, false));
        }
        return Uni.createFrom()
                .deferred(this::answer)
                .ifNoItem()
                .after(deadline)
                .recoverWithItem(
                        new Unreachable("no answer in " + deadline.toMillis() + " ms", 0, false))
                .emitOn(loop);
    }

    /**
     * A late answer is waited for by the next poll: on a server without a free connection a session
     * that is given up may be the last one.
     */
    private synchronized Uni<LocalServer> answer() {
        long now = System.nanoTime();
        if (pending.isPresent() && now - askedAt > LATE_NANOS) {
            connection.close();
            pending = Optional.empty();
        }
        if (pending.isEmpty()) {
            long mine = ++questions;
            askedAt = now;
            pending =
                    Optional.of(
                            Uni.createFrom()
                                    .deferred(connection::get)
                                    .chain(this::look)
                                    .invoke(() -> errors = 0)
                                    .onFailure()
                                    .recoverWithItem(this::unreachable)
                                    .onTermination()
                                    .invoke(() -> answered(mine))
                                    .memoize()
                                    .indefinitely());
        }
        return pending.get();
    }

    private synchronized void answered(long question) {
        if (question == questions) {
            pending = Optional.empty();
        }
    }

    private Uni<LocalServer> look(PgConnection open) {
        return open.preparedQuery(CatalogQuery.SQL)
                .execute()
                .map(rows -> ours(rows.iterator().next()))
                .chain(row -> probe(open, row).map(number -> read(row, number)));
    }

    private LocalServer read(Row row, long probe) {
        var seen = CatalogQuery.read(row, probe, archive.look(row.getBoolean("archives")));
        return seen instanceof Primary primary
                ? primary.with(
                        new Synchronous(
                                primary.synchronous().names(),
                                commits.look(primary),
                                waits.look(primary, CatalogQuery.waiting(row))))
                : seen;
    }

    /**
     * Containers that restart may swap addresses. Acting on another node's server as if it were
     * ours would be fatal, so the name that the runner gives each server is looked at every time.
     * Of ours that says nothing: it is kept (I8), as one that refuses us.
     */
    private Row ours(Row row) {
        var name = row.getString("cluster_name");
        if (strangers.contains(name)) {
            throw new Stranger(
                    "at %s:%d the server of %s answers"
                            .formatted(options.getHost(), options.getPort(), name));
        }
        return row;
    }

    private static final class Stranger extends RuntimeException {
        private static final long serialVersionUID = 1;

        Stranger(String message) {
            super(message);
        }
    }

    private static Uni<Long> probe(PgConnection open, Row row) {
        return row.getBoolean("probed")
                ? open.preparedQuery(CatalogQuery.PROBE)
                        .execute()
                        .map(rows -> rows.size() == 0 ? 0 : rows.iterator().next().getLong(0))
                : Uni.createFrom().item(0L);
    }

    /** What the server said instead of an answer. */
    private LocalServer unreachable(Throwable failure) {
        if (!isHealthy(failure)) {
            connection.close();
        }
        if (failure instanceof PgException refusal && STARTING.equals(refusal.getSqlState())) {
            return new Starting(0, true);
        }
        boolean refused = failure instanceof PgException || failure instanceof Login.Refused;
        return new Unreachable(
                Optional.ofNullable(failure.getMessage())
                        .orElse(failure.getClass().getSimpleName()),
                0,
                refused || failure instanceof Stranger,
                refused);
    }

    /** One failed statement does not make a session useless, as when somebody cancelled it. */
    private boolean isHealthy(Throwable failure) {
        return failure instanceof PgException refusal
                && "ERROR".equals(refusal.getSeverity())
                && ++errors < 2;
    }

    /** Needs the role pg_checkpoint (15 and later) or a superuser. */
    @Override
    public Uni<Void> checkpoint() {
        return aside(c -> c.query("checkpoint").execute().replaceWithVoid(), CHECKPOINT);
    }

    @Override
    public Uni<Void> manage(Slots slots) {
        var statements = new ArrayList<Function<SqlConnection, Uni<?>>>();
        slots.drop().forEach(s -> statements.add(call(DROP_SLOT, Tuple.of(s))));
        slots.create().forEach(s -> statements.add(call(CREATE_SLOT, Tuple.of(s))));
        slots.advance()
                .forEach(
                        a ->
                                statements.add(
                                        call(ADVANCE_SLOT, Tuple.of(a.slot(), a.to().toString()))));
        return aside(
                c ->
                        Multi.createFrom()
                                .iterable(statements)
                                .onItem()
                                .transformToUniAndConcatenate(s -> s.apply(c))
                                .collect()
                                .last()
                                .replaceWithVoid(),
                SLOTS);
    }

    private static Function<SqlConnection, Uni<?>> call(String sql, Tuple arguments) {
        return c -> c.preparedQuery(sql).execute(arguments);
    }

    /** On a connection of its own, so that a long statement never holds up the poll. */
    private Uni<Void> aside(Function<SqlConnection, Uni<Void>> work, Duration limit) {
        return login.open()
                .chain(
                        c ->
                                c.query(NAME)
                                        .execute()
                                        .invoke(rows -> ours(rows.iterator().next()))
                                        .chain(() -> work.apply(c))
                                        .ifNoItem()
                                        .after(limit)
                                        .failWith(
                                                () -> new TimeoutException("not done in " + limit))
                                        .eventually(c::close))
                .emitOn(loop);
    }
}
