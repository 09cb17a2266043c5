package io.kumki.adapter.postgres;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.pgclient.PgConnection;
import java.util.Optional;
import java.util.function.Function;

/** One connection to the server that is used again and again, and made anew when it is gone. */
final class KeptConnection {
    private final Login login;
    private final Function<PgConnection, Uni<Void>> prepare;
    private final Runnable lost;
    private volatile Optional<PgConnection> open = Optional.empty();
    private Optional<Uni<PgConnection>> pending = Optional.empty();

    /**
     * @param prepare what is done first on a fresh one; if that fails, so does {@link #get}
     * @param lost told when it ends and {@link #close} was not called
     */
    KeptConnection(Login login, Function<PgConnection, Uni<Void>> prepare, Runnable lost) {
        this.login = login;
        this.prepare = prepare;
        this.lost = lost;
    }

    /** That is ready as it comes, and that nobody misses when it ends. */
    KeptConnection(Login login) {
        this(login, fresh -> Uni.createFrom().voidItem(), () -> {});
    }

    Uni<PgConnection> get() {
        var kept = open;
        return kept.isPresent() ? Uni.createFrom().item(kept.get()) : login();
    }

    /**
     * One at a time: a login that outlasts who asked for it can't be called off, so it is waited
     * for by the next one. Otherwise each slow login would leave a connection behind.
     */
    private synchronized Uni<PgConnection> login() {
        if (pending.isEmpty()) {
            pending =
                    Optional.of(
                            login.open()
                                    .invoke(this::keep)
                                    .chain(fresh -> prepare.apply(fresh).replaceWith(fresh))
                                    .onTermination()
                                    .invoke(this::noLongerPending)
                                    .memoize()
                                    .indefinitely());
        }
        return pending.get();
    }

    private synchronized void noLongerPending() {
        pending = Optional.empty();
    }

    private void keep(PgConnection fresh) {
        fresh.closeHandler(
                () -> {
                    if (open.filter(c -> c == fresh).isPresent()) {
                        open = Optional.empty();
                        lost.run();
                    }
                });
        open = Optional.of(fresh);
    }

    /** It is not used again: the next one asks for a fresh one. */
    void close() {
        open.ifPresent(c -> c.close().subscribe().with(done -> {}, ignored -> {}));
        open = Optional.empty();
    }
}
