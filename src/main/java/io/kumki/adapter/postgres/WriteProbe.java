package io.kumki.adapter.postgres;

import io.kumki.agent.Snapshot;
import io.kumki.agent.port.Publisher;
import io.kumki.core.model.Lease;
import io.kumki.core.model.LocalServer.Primary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.pgclient.PgConnection;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * Writes the next number into one row while this node leads, so that a replica's age can be told in
 * seconds although nobody else writes. It never waits for a standby: what it measures is the way of
 * WAL, not the acknowledgement of commits.
 */
public final class WriteProbe implements Publisher {
    /** Where the number stands. */
    static final String TABLE = "kumki.write_probe";

    private static final Logger LOG = Logger.getLogger(WriteProbe.class);
    private static final String NEXT =
            "insert into kumki.write_probe as probe (one, number) values (true, 1)"
                    + " on conflict (one) do update set number = probe.number + 1";
    private static final String MAKE =
            "create table if not exists kumki.write_probe"
                    + " (one boolean primary key check (one), number bigint not null)";
    private static final String NO_SCHEMA = "3F000";

    private final KeptConnection connection;
    private final Duration interval;
    private final Timer latency;
    private final AtomicBoolean busy = new AtomicBoolean();
    private volatile String complaint = "";
    private long next = System.nanoTime();

    /**
     * @param interval between two numbers, and the deadline of one
     */
    public WriteProbe(
            Vertx vertx, PgConnectOptions options, Duration interval, MeterRegistry meters) {
        var own = new PgConnectOptions(options).addProperty("synchronous_commit", "local");
        this.connection = new KeptConnection(new Login(vertx, own), WriteProbe::ready, () -> {});
        this.interval = interval;
        this.latency =
                Timer.builder("kumki.write.probe")
                        .description("a commit of one row on the leader, without its standby")
                        .register(meters);
    }

    @Override
    public void publish(Snapshot snapshot) {
        var view = snapshot.view();
        boolean leads =
                view.lease() instanceof Lease.Mine mine
                        && view.local().server() instanceof Primary
                        && view.local().runner().armed() == mine.term();
        long now = System.nanoTime();
        if (leads && now - next >= 0 && busy.compareAndSet(false, true)) {
            next = now + interval.toNanos();
            write(now);
        } else if (!leads && !busy.get()) {
            connection.close();
        }
    }

    private void write(long began) {
        Uni.createFrom()
                .deferred(connection::get)
                .chain(open -> run(open, NEXT))
                .ifNoItem()
                .after(interval.plusSeconds(1))
                .failWith(() -> new TimeoutException("the write probe had no answer in time"))
                .onTermination()
                .invoke(() -> busy.set(false))
                .subscribe()
                .with(
                        written -> {
                            latency.record(Duration.ofNanos(System.nanoTime() - began));
                            complain("");
                        },
                        this::failed);
    }

    /** Asked first: an insert into nowhere would stand as an error in the server's log. */
    private static Uni<Void> ready(PgConnection fresh) {
        return fresh.query("select to_regclass('" + TABLE + "') is null")
                .execute()
                .chain(
                        rows ->
                                rows.iterator().next().getBoolean(0)
                                        ? make(fresh)
                                        : Uni.createFrom().voidItem());
    }

    /** The schema is tried last: where it is there, no right to make one is needed. */
    private static Uni<Void> make(PgConnection open) {
        return run(open, MAKE)
                .onFailure(f -> isState(f, NO_SCHEMA))
                .recoverWithUni(
                        () -> run(open, "create schema kumki").chain(() -> run(open, MAKE)));
    }

    private static Uni<Void> run(PgConnection open, String sql) {
        return open.query(sql).execute().replaceWithVoid();
    }

    private static boolean isState(Throwable failure, String state) {
        return failure instanceof PgException refusal && state.equals(refusal.getSqlState());
    }

    private void failed(Throwable failure) {
        connection.close();
        complain(
                "the write probe failed: %s. Replicas are judged without it; see docs/GATEWAY.md"
                        .formatted(failure.getMessage()));
    }

    /** Once per change: it may fail at every interval. */
    private void complain(String now) {
        if (!now.equals(complaint)) {
            complaint = now;
            if (!now.isEmpty()) {
                LOG.warn(now);
            }
        }
    }
}
