package io.kumki.adapter.pgbouncer;

import io.kumki.core.model.HostPort;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jboss.logging.Logger;

/** The few things that we do with a PgBouncer. Not for two threads. */
final class Desk {
    private static final Logger LOG = Logger.getLogger(Desk.class);

    /** Long enough to be heard; the answer comes only when the last transaction has ended. */
    private static final Duration PAUSE_HEARD = Duration.ofMillis(20);

    private final PgbouncerPublisher.Terms terms;
    private final Console.Login login;
    private final DatabasesFile file;
    private final Set<String> held = new TreeSet<>();
    private Optional<Console> open = Optional.empty();

    Desk(PgbouncerPublisher.Terms terms) {
        this.terms = terms;
        this.login = new Console.Login(terms.admin(), terms.user(), terms.password());
        this.file = new DatabasesFile(terms.databases(), terms.sessionPooled());
    }

    List<Database> look() throws IOException {
        return Database.all(console());
    }

    /** Pauses what is not paused yet, without waiting for its end; and looks. */
    List<Database> hold() throws IOException {
        var running = look().stream().filter(d -> !d.paused()).toList();
        if (running.isEmpty()) {
            return look();
        }
        for (var database : running) {
            held.add(database.quoted());
            pause(database.quoted());
        }
        return look();
    }

    /**
     * On a console of its own, closed before the answer: it is the database that stays paused, and
     * not the console that said so.
     */
    private void pause(String database) throws IOException {
        try (var aside = Console.open(login, terms.deadline())) {
            aside.tell("PAUSE " + database, PAUSE_HEARD);
        }
    }

    /** Drops the clients and servers of a database; it is paused then. */
    void kill(Database database) throws IOException {
        held.add(database.quoted());
        console().ask("KILL " + database.quoted());
    }

    boolean point(HostPort target) throws IOException {
        return file.point(target);
    }

    void reload() throws IOException {
        console().ask("RELOAD");
    }

    /** Also what PgBouncer doesn't show any more since it has no client: it is still paused. */
    void resume() throws IOException {
        var paused = new TreeSet<>(held);
        look().stream().filter(Database::paused).map(Database::quoted).forEach(paused::add);
        for (var database : paused) {
            try {
                console().ask("RESUME " + database);
            } catch (Console.Refusal notPaused) {
                LOG.debugf("pgbouncer %s: %s", database, notPaused.getMessage());
            }
            held.remove(database);
        }
    }

    String complaint(Database lost, HostPort target) {
        return "PgBouncer leads database %s to %s and not to %s: does it include %s?"
                .formatted(lost.name(), lost.address(), target, terms.databases());
    }

    private Console console() throws IOException {
        if (open.isEmpty()) {
            try {
                open = Optional.of(Console.open(login, terms.deadline()));
            } catch (IOException e) {
                throw new IOException(login + ": " + reason(e), e);
            }
        }
        return open.get();
    }

    static String reason(IOException e) {
        if (e instanceof SocketTimeoutException) {
            return "no answer in time";
        }
        return Optional.ofNullable(e.getMessage()).orElse("the console was closed");
    }

    /** The next question opens another console. */
    void leave() {
        open.ifPresent(Console::close);
        open = Optional.empty();
    }
}
