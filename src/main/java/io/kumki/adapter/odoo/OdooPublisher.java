package io.kumki.adapter.odoo;

import io.kumki.adapter.odoo.OdooConfFile.Rewrite;
import io.kumki.adapter.odoo.OdooProcess.Means;
import io.kumki.adapter.odoo.TermNote.Entry;
import io.kumki.core.model.HostPort;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Points one Odoo: rewrites its odoo.conf, tells it to start over, looks whether it followed. Call
 * {@link #point} at every tick, on a worker thread, never twice at once.
 */
public final class OdooPublisher {
    /**
     * @param repeatAfter how long Odoo may take to begin its restart before it is told again
     * @param attempts then it counts as stuck
     * @param hearing how long after the agent's start a replica may still be heard for the first
     *     time; until then none is withdrawn
     * @param ring how long the endpoint may take to answer before a signal
     */
    public record Patience(Duration repeatAfter, int attempts, Duration hearing, Duration ring) {
        public static final Patience DEFAULT =
                new Patience(
                        Duration.ofSeconds(5), 5, Duration.ofSeconds(5), Duration.ofSeconds(2));
    }

    /**
     * Where Odoo shall be led.
     *
     * @param term the one that promoted the writer
     * @param replicas any of them will do, the first is the best; empty: read from the writer
     * @param members every server of the cluster, so that a connection to a wrong one is known
     */
    public record Wish(
            long term, HostPort writer, List<HostPort> replicas, Collection<HostPort> members) {
        public Wish {
            replicas = List.copyOf(replicas);
            members = List.copyOf(members);
        }
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

    /**
     * @param afterTerm how Odoo is told of a new term although its file stays the same
     */
    public record Parts(
            OdooConfFile file, OdooProcess odoo, TermNote note, Optional<Means> afterTerm) {}

    private final Parts parts;
    private final Patience patience;
    private final Errand errand;

    private long term = Long.MIN_VALUE;
    private OptionalLong firstCall = OptionalLong.empty();
    private Optional<Entry> entry = Optional.empty();
    private Optional<HostPort> replica = Optional.empty();
    private int toldBefore;
    private String noteTrouble = "";

    public OdooPublisher(Parts parts, Patience patience) {
        this.parts = parts;
        this.patience = patience;
        this.errand = new Errand(parts.odoo(), parts.file(), patience);
    }

    /**
     * @param acceptsWrites Odoo ends itself if it is signalled while it has no database
     * @param nowMillis any clock that only goes forward
     */
    public Outcome point(Wish wish, boolean acceptsWrites, long nowMillis) {
        if (wish.term() < term) {
            return outcome(Step.IGNORED, false, "term " + wish.term() + " is older than " + term);
        }
        if (!acceptsWrites) {
            return outcome(Step.WAITING, false, wish.writer() + " does not accept writes yet");
        }
        boolean first = firstCall.isEmpty();
        if (first) {
            firstCall = OptionalLong.of(nowMillis);
            replica = parts.file().read().flatMap(OdooConf::replica);
        }
        if (isEarly(wish, nowMillis)) {
            return outcome(Step.WAITING, false, "for the replicas to be heard");
        }
        var wanted = new Endpoints(wish.writer(), choice(wish));
        var aim = new Errand.Aim(wanted, strange(wish, wanted));
        try {
            return follow(wish.term(), aim, nowMillis);
        } catch (OdooConfException e) {
            return outcome(Step.REFUSED, false, e.getMessage());
        }
    }

    private Outcome follow(long newTerm, Errand.Aim aim, long nowMillis) {
        boolean due = newTerm > term && isDue(newTerm);
        Rewrite rewrite = parts.file().point(aim.wanted(), () -> intend(newTerm));
        boolean first = term == Long.MIN_VALUE;
        boolean mustFollow = rewrite.changed() || first && errand.strangeConnections(aim) > 0;
        term = newTerm;
        replica = aim.wanted().replica();
        if (mustFollow || due) {
            errand.owe(
                    due ? parts.afterTerm().orElse(Means.RELOAD) : Means.RELOAD,
                    mustFollow ? patience.attempts() : 1,
                    nowMillis);
        }
        var progress = errand.go(aim, () -> write(telling(newTerm)), nowMillis);
        if (errand.isOver()) {
            settle(newTerm);
        }
        return outcome(progress.step(), rewrite.changed(), progress.summary());
    }

    /** The agent has just started, and a replica that Odoo uses may be about to be heard. */
    private boolean isEarly(Wish wish, long nowMillis) {
        boolean lost = replica.isPresent() && !wish.replicas().contains(replica.get());
        return nowMillis - firstCall.orElseThrow() < patience.hearing().toMillis()
                && (lost || wish.replicas().isEmpty());
    }

    /** The one written there stays while it is fit, so that Odoo is not restarted for nothing. */
    private Optional<HostPort> choice(Wish wish) {
        return replica.filter(wish.replicas()::contains)
                .or(() -> wish.replicas().stream().findFirst());
    }

    private static List<HostPort> strange(Wish wish, Endpoints wanted) {
        return wish.members().stream()
                .filter(it -> !it.equals(wanted.writer()))
                .filter(it -> wanted.replica().filter(it::equals).isEmpty())
                .toList();
    }

    /** Is Odoo to be told of this term? The note of an earlier life is asked at the start. */
    private boolean isDue(long newTerm) {
        boolean first = entry.isEmpty();
        Entry known = entry.or(parts.note()::read).orElse(Entry.settled(newTerm));
        String now = parts.odoo().identity();
        boolean restarted = !now.isEmpty() && !now.equals(known.odoo());
        boolean unfinished = first && known.told() == 1 && !restarted;
        toldBefore = unfinished && known.term() == newTerm ? 1 : 0;
        return unfinished || known.term() < newTerm && parts.afterTerm().isPresent();
    }

    private Entry telling(long ofTerm) {
        return new Entry(ofTerm, toldBefore + 1, parts.odoo().identity());
    }

    /** Before a rewrite: whoever reads this later knows that Odoo has not been told yet. */
    private void intend(long ofTerm) {
        try {
            write(new Entry(ofTerm, 1, parts.odoo().identity()));
        } catch (IOException e) {
            noteTrouble = trouble(e);
        }
    }

    private void settle(long ofTerm) {
        try {
            write(Entry.settled(ofTerm));
            toldBefore = 0;
        } catch (IOException e) {
            noteTrouble = trouble(e);
        }
    }

    private void write(Entry wanted) throws IOException {
        if (!entry.equals(Optional.of(wanted))) {
            parts.note().write(wanted);
            entry = Optional.of(wanted);
            noteTrouble = "";
        }
    }

    private static String trouble(IOException e) {
        return "what Odoo was told can't be kept in the state folder (" + e + ")";
    }

    private Outcome outcome(Step step, boolean rewritten, String summary) {
        var warnings = new ArrayList<String>();
        switch (parts.odoo().overrides(parts.file().path())) {
            case EndpointOverrides.Known known -> warnings.addAll(known.found());
            case EndpointOverrides.Unknown unknown -> {
                if (parts.odoo().isVisible()) {
                    warnings.add(unknown.reason());
                }
            }
        }
        if (!noteTrouble.isEmpty()) {
            warnings.add(noteTrouble);
        }
        return new Outcome(step, rewritten, summary, warnings);
    }
}
