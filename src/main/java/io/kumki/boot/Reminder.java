package io.kumki.boot;

import io.kumki.agent.Snapshot;
import io.kumki.agent.StatusBoard;
import io.kumki.core.model.Action;
import io.quarkus.scheduler.Scheduled;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;

/**
 * The log tells a decision once. One that keeps waiting for a person is told again every minute,
 * with the way out (I6).
 */
@ApplicationScoped
public class Reminder {
    private static final Logger LOG = Logger.getLogger(Reminder.class);
    private static final long PATIENCE_MILLIS = 60_000;

    private final StatusBoard board;

    Reminder(StatusBoard board) {
        this.board = board;
    }

    @Scheduled(every = "60s")
    void remind() {
        board.last().filter(Reminder::waits).ifPresent(Reminder::tell);
    }

    private static boolean waits(Snapshot snapshot) {
        var decision = snapshot.decision();
        return decision.action() instanceof Action.Hold
                && !decision.rule().wayOut().equals("none needed")
                && snapshot.view().streak().millis() > PATIENCE_MILLIS;
    }

    private static void tell(Snapshot snapshot) {
        LOG.warnf(
                "still waiting node=%s rule=%s for=%ds because=\"%s\" way-out=\"%s\"",
                snapshot.view().self(),
                snapshot.decision().rule().id(),
                snapshot.view().streak().millis() / 1000,
                snapshot.decision().because(),
                snapshot.decision().rule().wayOut());
    }
}
