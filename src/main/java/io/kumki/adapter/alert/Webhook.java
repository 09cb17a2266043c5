package io.kumki.adapter.alert;

import io.kumki.adapter.alert.AlertSettings.Hook;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.core.buffer.Buffer;
import io.vertx.mutiny.ext.web.client.WebClient;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jboss.logging.Logger;

/**
 * One webhook and what it still has to get, in order, one at a time. Nobody waits for it. A letter
 * is sent again until it is answered with 2xx, so one whose answer was lost comes twice.
 */
final class Webhook {
    private static final Logger LOG = Logger.getLogger(Webhook.class);

    private final Hook hook;
    private final Vertx vertx;
    private final WebClient client;
    private final Pace pace;
    private final Deque<String> queue = new ArrayDeque<>();
    private boolean busy;
    private int attempts;
    private long sent;
    private long failed;
    private long dropped;

    /**
     * Durations in milliseconds.
     *
     * @param first pause after the first failure; doubles with each
     * @param kept letters; the oldest is dropped for a new one
     * @param refusals attempts at a letter that is answered with 4xx; then it is dropped
     */
    record Pace(long first, long longest, long timeout, int kept, int refusals) {
        static final Pace DEFAULT = new Pace(1000, 60_000, 5000, 1000, 5);

        long pause(int attempts) {
            return Math.min(longest, first << Math.min(attempts - 1, 20));
        }
    }

    Webhook(Hook hook, Vertx vertx, WebClient client, Pace pace) {
        this.hook = hook;
        this.vertx = vertx;
        this.client = client;
        this.pace = pace;
    }

    Hook hook() {
        return hook;
    }

    /** Returns at once. */
    synchronized void send(String letter) {
        if (queue.size() >= pace.kept()) {
            queue.removeFirst();
            drop("the queue is full");
        }
        queue.addLast(letter);
        if (!busy) {
            next();
        }
    }

    private synchronized void next() {
        busy = !queue.isEmpty();
        if (busy) {
            post(queue.removeFirst());
        }
    }

    private void post(String letter) {
        client.postAbs(hook.url().toString())
                .timeout(pace.timeout())
                .putHeader("Content-Type", "application/json")
                .sendBuffer(Buffer.buffer(letter))
                .subscribe()
                .with(
                        answer -> answered(letter, answer.statusCode()),
                        failure -> again(letter, failure.getClass().getSimpleName()));
    }

    private synchronized void answered(String letter, int status) {
        if (status >= 200 && status < 300) {
            sent++;
            attempts = 0;
            next();
            return;
        }
        boolean refused = status >= 400 && status < 500 && status != 408 && status != 429;
        if (refused && attempts + 1 >= pace.refusals()) {
            failed++;
            attempts = 0;
            drop("it was refused with " + status + " each time; check `webhook-url`");
            next();
            return;
        }
        again(letter, "status " + status);
    }

    private synchronized void again(String letter, String reason) {
        failed++;
        attempts++;
        long pause = pace.pause(attempts);
        LOG.warnf(
                "webhook=%s attempt=%d failed reason=\"%s\" again-in-ms=%d waiting=%d",
                hook.name(), attempts, reason, pause, queue.size() + 1);
        if (queue.size() >= pace.kept()) {
            drop("the queue is full");
        } else {
            queue.addFirst(letter);
        }
        vertx.setTimer(pause, timer -> next());
    }

    private void drop(String reason) {
        dropped++;
        LOG.errorf("webhook=%s dropped=%d reason=\"%s\"", hook.name(), dropped, reason);
    }

    synchronized long sent() {
        return sent;
    }

    /** Attempts, not letters. */
    synchronized long failed() {
        return failed;
    }

    synchronized long dropped() {
        return dropped;
    }
}
