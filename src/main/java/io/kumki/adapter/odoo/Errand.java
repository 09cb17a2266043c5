package io.kumki.adapter.odoo;

import io.kumki.adapter.odoo.OdooProcess.Means;
import io.kumki.adapter.odoo.OdooProcess.Missing;
import io.kumki.core.model.HostPort;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Tells one Odoo to start over when that does no harm, and looks whether it did. */
final class Errand {
    /** How often an endpoint that does not answer is tried again. */
    private static final Duration RING_AGAIN = Duration.ofSeconds(1);

    private static final String ADVICE =
            ". odoo.conf is right, the running Odoo is not: kill it and start it.";

    enum Phase {
        NONE,
        OWED,
        TOLD,
        GIVEN_UP
    }

    /**
     * What the running Odoo is to follow.
     *
     * @param strange servers that it should have no connection to
     */
    record Aim(Endpoints wanted, List<HostPort> strange) {}

    /** Written down before the deed. */
    @FunctionalInterface
    interface Intention {
        void note() throws IOException;
    }

    record Progress(OdooPublisher.Step step, String summary) {}

    private final OdooProcess odoo;
    private final OdooConfFile file;
    private final OdooPublisher.Patience patience;
    private final Doorbell doorbell;

    private Phase phase = Phase.NONE;
    private Means means = Means.RELOAD;
    private int most;
    private int attempts;
    private long nextLook;
    private boolean missed;
    private String trouble = "";

    /** What is waited for, in the same words until it changes: each change is a line in the log. */
    private String waiting = "";

    Errand(OdooProcess odoo, OdooConfFile file, OdooPublisher.Patience patience) {
        this.odoo = odoo;
        this.file = file;
        this.patience = patience;
        this.doorbell = new Doorbell(patience.ring());
    }

    /**
     * @param times how often it is told at most while it does not follow
     */
    void owe(Means by, int times, long nowMillis) {
        phase = Phase.OWED;
        means = by;
        most = by == Means.RESTART ? 1 : times;
        attempts = 0;
        nextLook = nowMillis;
        missed = false;
        trouble = "";
        waiting = "";
    }

    boolean isOver() {
        return phase == Phase.NONE || phase == Phase.GIVEN_UP;
    }

    Progress go(Aim aim, Intention intention, long nowMillis) {
        return switch (phase) {
            case NONE -> say(OdooPublisher.Step.UNCHANGED, "Odoo uses " + aim.wanted());
            case OWED -> nowMillis < nextLook ? later() : tell(aim, intention, nowMillis);
            case TOLD -> look(aim, intention, nowMillis);
            case GIVEN_UP ->
                    odoo.restarted().orElse(false)
                            ? done("Odoo restarted itself at last")
                            : say(OdooPublisher.Step.STUCK, trouble);
        };
    }

    int strangeConnections(Aim aim) {
        return strange(aim).orElse(0);
    }

    private Progress later() {
        return trouble.isEmpty()
                ? say(OdooPublisher.Step.WAITING, waiting.isEmpty() ? "Odoo is told soon" : waiting)
                : say(OdooPublisher.Step.STUCK, trouble);
    }

    private Progress tell(Aim aim, Intention intention, long nowMillis) {
        if (odoo.find() instanceof Missing missing && !odoo.hasCommand(means)) {
            return absent(missing.reason(), nowMillis);
        }
        if (missed && strangeConnections(aim) == 0) {
            return done("Odoo was started after the change");
        }
        Optional<String> refusal = doorbell.refusal(aim.wanted().writer(), user());
        if (refusal.isPresent()) {
            nextLook = nowMillis + RING_AGAIN.toMillis();
            waiting = "a signal now would end Odoo: " + refusal.get();
            return say(OdooPublisher.Step.WAITING, waiting);
        }
        nextLook = nowMillis + patience.repeatAfter().toMillis();
        try {
            intention.note();
        } catch (IOException e) {
            return stuck("the note of it can't be written (" + e + "), so Odoo is not told");
        }
        return told(odoo.tell(means));
    }

    private String user() {
        return file.read().flatMap(it -> it.value("db_user")).orElse("odoo");
    }

    /** An Odoo that does not run needs no signal; one that is merely not found does. */
    private Progress absent(String reason, long nowMillis) {
        missed = true;
        nextLook = nowMillis + RING_AGAIN.toMillis();
        return most == 1
                ? done("no Odoo to tell: " + reason + "; its next start needs no signal")
                : stuck(reason);
    }

    private Progress told(Reload reload) {
        attempts++;
        return switch (reload) {
            case Reload.Sent sent -> {
                phase = Phase.TOLD;
                trouble = "";
                yield say(OdooPublisher.Step.SIGNALLED, sent.text());
            }
            case Reload.NotYet wait when attempts < patience.attempts() ->
                    say(OdooPublisher.Step.WAITING, wait.text());
            case Reload.NotYet wait -> stuck(wait.text());
            case Reload.Failed failed when most == 1 -> givenUp(failed.text());
            case Reload.Failed failed -> stuck(failed.text());
        };
    }

    /** No restart was seen in time: unknown is taken for good only without wrong connections. */
    private Progress look(Aim aim, Intention intention, long nowMillis) {
        Optional<Boolean> restarted = odoo.restarted();
        if (restarted.orElse(false)) {
            return done("Odoo restarted itself for " + aim.wanted());
        }
        if (nowMillis < nextLook) {
            return say(OdooPublisher.Step.WAITING, "for Odoo to restart itself");
        }
        if (restarted.isEmpty() && odoo.find() instanceof Missing missing) {
            return odoo.isVisible()
                    ? givenUp(missing.reason())
                    : done("told; can't be verified: " + missing.reason());
        }
        OptionalInt strange = strange(aim);
        if (restarted.isEmpty() && strange.orElse(0) == 0) {
            return done("no connection to another server is left");
        }
        if (attempts < most) {
            return tell(aim, intention, nowMillis);
        }
        return givenUp(
                "no restart after %d signals, %s connections to other servers"
                        .formatted(
                                attempts,
                                strange.isPresent() ? "" + strange.getAsInt() : "unknown"));
    }

    private OptionalInt strange(Aim aim) {
        return aim.strange().stream()
                .map(odoo::connectionsTo)
                .filter(OptionalInt::isPresent)
                .mapToInt(OptionalInt::getAsInt)
                .reduce(Integer::sum);
    }

    private Progress done(String summary) {
        phase = Phase.NONE;
        trouble = "";
        return say(OdooPublisher.Step.FOLLOWED, summary);
    }

    private Progress givenUp(String why) {
        phase = Phase.GIVEN_UP;
        return stuck(why);
    }

    private Progress stuck(String why) {
        trouble = why + ADVICE;
        return say(OdooPublisher.Step.STUCK, trouble);
    }

    private static Progress say(OdooPublisher.Step step, String summary) {
        return new Progress(step, summary);
    }
}
