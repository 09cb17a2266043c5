package io.kumki.adapter.odoo;

import io.kumki.adapter.odoo.OdooConfFile.Rewrite;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Points one Odoo: rewrites its odoo.conf, signals it, looks whether it followed, and signals again
 * if it did not. Call {@link #point} at every tick, on a worker thread, never twice at once.
 */
public final class OdooPublisher {
    /**
     * @param repeatAfter how long Odoo may take to begin its restart before it is told again
     * @param attempts then it counts as stuck
     */
    public record Patience(Duration repeatAfter, int attempts) {
        public static final Patience DEFAULT = new Patience(Duration.ofSeconds(5), 5);
    }

    public enum Step {
        /** File and Odoo are as wanted. */
        UNCHANGED,
        /** Nothing done now; call again. */
        WAITING,
        /** An older term: I7. */
        IGNORED,
        SIGNALLED,
        /** Odoo has restarted itself since the signal. */
        FOLLOWED,
        /** The file was left as it is. */
        REFUSED,
        /** Odoo does not follow; a person must look. */
        STUCK
    }

    /**
     * @param rewritten the file was changed by this call
     * @param warnings what makes the file ineffective, as far as it can be known
     */
    public record Outcome(Step step, boolean rewritten, String summary, List<String> warnings) {
        public Outcome {
            warnings = List.copyOf(warnings);
        }

        public boolean isProblem() {
            return step == Step.REFUSED || step == Step.STUCK || !warnings.isEmpty();
        }
    }

    private final OdooConfFile file;
    private final OdooProcess odoo;
    private final Collection<HostPort> members;
    private final Patience patience;

    private long term = Long.MIN_VALUE;
    private boolean seenBefore;
    private boolean reloadOwed;
    private boolean following = true;
    private int attempts;
    private long nextLook;

    /**
     * @param members every server of the cluster, so that a connection to a wrong one is known
     */
    public OdooPublisher(
            OdooConfFile file, OdooProcess odoo, Collection<HostPort> members, Patience patience) {
        this.file = file;
        this.odoo = odoo;
        this.members = List.copyOf(members);
        this.patience = patience;
    }

    /**
     * @param newTerm the term that promoted {@code wanted.writer()}
     * @param writerAcceptsWrites Odoo ends itself if it is signalled while it has no database
     * @param nowMillis any clock that only goes forward
     */
    public Outcome point(
            long newTerm, Endpoints wanted, boolean writerAcceptsWrites, long nowMillis) {
        if (newTerm < term) {
            return outcome(Step.IGNORED, false, "term " + newTerm + " is older than " + term);
        }
        if (!writerAcceptsWrites) {
            return outcome(Step.WAITING, false, wanted.writer() + " does not accept writes yet");
        }
        try {
            Rewrite rewrite = file.point(wanted);
            term = newTerm;
            if (rewrite.changed() || isLeftBehind(wanted)) {
                owe(nowMillis);
            }
            seenBefore = true;
            return follow(rewrite.changed(), wanted, nowMillis);
        } catch (OdooConfException e) {
            return outcome(Step.REFUSED, false, e.getMessage());
        }
    }

    /** Only at the agent's start: it may have died between rewriting and signalling. */
    private boolean isLeftBehind(Endpoints wanted) {
        return !seenBefore && staleConnections(wanted).orElse(0) > 0;
    }

    private void owe(long nowMillis) {
        reloadOwed = true;
        following = false;
        attempts = 0;
        nextLook = nowMillis;
    }

    private Outcome follow(boolean rewritten, Endpoints wanted, long nowMillis) {
        if (following) {
            return outcome(Step.UNCHANGED, rewritten, "Odoo uses " + wanted);
        }
        if (reloadOwed) {
            return nowMillis < nextLook
                    ? outcome(Step.WAITING, rewritten, "the signal is tried again soon")
                    : reload(rewritten, nowMillis);
        }
        Optional<Boolean> restarted = odoo.restarted();
        if (restarted.orElse(false)) {
            following = true;
            return outcome(Step.FOLLOWED, rewritten, "Odoo restarted itself for " + wanted);
        }
        if (nowMillis < nextLook) {
            return outcome(Step.WAITING, rewritten, "for Odoo to restart itself");
        }
        return judge(rewritten, restarted, wanted, nowMillis);
    }

    private Outcome reload(boolean rewritten, long nowMillis) {
        Reload reload = odoo.reload();
        attempts++;
        nextLook = nowMillis + patience.repeatAfter().toMillis();
        reloadOwed = !(reload instanceof Reload.Sent);
        if (!reloadOwed) {
            return outcome(Step.SIGNALLED, rewritten, reload.text());
        }
        boolean patient = reload instanceof Reload.NotYet && attempts < patience.attempts();
        return patient
                ? outcome(Step.WAITING, rewritten, reload.text())
                : stuck(rewritten, reload.text());
    }

    /** No restart was seen in time: unknown is taken for good only without wrong connections. */
    private Outcome judge(
            boolean rewritten, Optional<Boolean> restarted, Endpoints wanted, long nowMillis) {
        if (odoo.find() instanceof OdooProcess.Missing missing && restarted.isEmpty()) {
            return unseen(rewritten, missing.reason());
        }
        OptionalInt stale = staleConnections(wanted);
        if (restarted.isEmpty() && stale.orElse(0) == 0) {
            following = true;
            return outcome(Step.FOLLOWED, rewritten, "no connection to another server is left");
        }
        if (attempts < patience.attempts()) {
            return reload(rewritten, nowMillis);
        }
        return stuck(
                rewritten,
                "no restart after %d signals, %s connections to other servers"
                        .formatted(attempts, stale.isPresent() ? stale.getAsInt() : "unknown"));
    }

    private Outcome unseen(boolean rewritten, String reason) {
        if (odoo.isVisible()) {
            return stuck(rewritten, reason);
        }
        following = true;
        return outcome(Step.FOLLOWED, rewritten, "told; can't be verified: " + reason);
    }

    private Outcome stuck(boolean rewritten, String why) {
        return outcome(
                Step.STUCK,
                rewritten,
                why + ". odoo.conf is right, the running Odoo is not: kill it and start it.");
    }

    private OptionalInt staleConnections(Endpoints wanted) {
        return members.stream()
                .filter(it -> !it.equals(wanted.writer()))
                .filter(it -> wanted.replica().filter(it::equals).isEmpty())
                .map(odoo::connectionsTo)
                .filter(OptionalInt::isPresent)
                .mapToInt(OptionalInt::getAsInt)
                .reduce(Integer::sum);
    }

    private Outcome outcome(Step step, boolean rewritten, String summary) {
        List<String> warnings =
                switch (odoo.overrides(file.path())) {
                    case EndpointOverrides.Known known -> known.found();
                    case EndpointOverrides.Unknown unknown ->
                            odoo.isVisible() ? List.of(unknown.reason()) : List.of();
                };
        return new Outcome(step, rewritten, summary, warnings);
    }
}
