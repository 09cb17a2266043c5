package io.kumki.core.routing;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Whether a replica may serve reads. Each change costs clients something, a directly pointed Odoo
 * even a restart, so a replica leaves at once and returns late. Immutable: every sample gives the
 * next state.
 *
 * @param goodSince when the current run of good samples began, in the samples' clock
 */
public record ReplicaFitness(Limits limits, Verdict verdict, OptionalLong goodSince) {
    /**
     * @param bytes a replica further behind is withdrawn
     * @param lag a replica further behind is withdrawn
     * @param returnAfter how long it must stay under half of both before it is fit again
     */
    public record Limits(long bytes, Duration lag, Duration returnAfter) {}

    /**
     * @param streaming alive and receiving from the present primary
     * @param lagBytes WAL that it has not yet replayed
     * @param lag empty on an idle primary, where it says nothing; it then does not count
     * @param stopped why its replay goes no further; empty if it does
     * @param nowMillis any clock that only goes forward
     */
    public record Sample(
            boolean streaming,
            long lagBytes,
            Optional<Duration> lag,
            Optional<String> stopped,
            long nowMillis) {}

    public sealed interface Verdict {
        String reason();
    }

    public record Fit(String reason) implements Verdict {}

    public record Withdrawn(String reason) implements Verdict {}

    /** The first sample decides alone, so that an agent's restart costs nobody anything. */
    public record Undecided(String reason) implements Verdict {}

    public static ReplicaFitness start(Limits limits) {
        return new ReplicaFitness(limits, new Undecided("no sample yet"), OptionalLong.empty());
    }

    public boolean isFit() {
        return verdict instanceof Fit;
    }

    /** Its agent is silent. */
    ReplicaFitness unheard() {
        return new ReplicaFitness(limits, new Withdrawn("not heard"), OptionalLong.empty());
    }

    public ReplicaFitness after(Sample sample) {
        Optional<String> fault = fault(sample, limits.bytes(), limits.lag());
        if (fault.isPresent()) {
            return new ReplicaFitness(limits, new Withdrawn(fault.get()), OptionalLong.empty());
        }
        return switch (verdict) {
            case Fit offered -> this;
            case Undecided first ->
                    new ReplicaFitness(limits, new Fit("streaming, lag within limits"), goodSince);
            case Withdrawn withdrawn -> waiting(sample);
        };
    }

    private ReplicaFitness waiting(Sample sample) {
        Optional<String> fault = fault(sample, limits.bytes() / 2, limits.lag().dividedBy(2));
        if (fault.isPresent()) {
            String reason = fault.get() + " (half of the limit, to return)";
            return new ReplicaFitness(limits, new Withdrawn(reason), OptionalLong.empty());
        }
        long since = goodSince.orElse(sample.nowMillis());
        Duration good = Duration.ofMillis(sample.nowMillis() - since);
        Verdict next =
                good.compareTo(limits.returnAfter()) < 0
                        ? new Withdrawn("good, but not yet for " + limits.returnAfter())
                        : new Fit("good for " + good);
        return new ReplicaFitness(limits, next, OptionalLong.of(since));
    }

    private static Optional<String> fault(Sample sample, long bytes, Duration lag) {
        if (!sample.streaming()) {
            return Optional.of("not streaming");
        }
        if (sample.stopped().isPresent()) {
            return sample.stopped();
        }
        if (sample.lagBytes() > bytes) {
            return Optional.of(sample.lagBytes() + " bytes behind, limit " + bytes);
        }
        return sample.lag()
                .filter(it -> it.compareTo(lag) > 0)
                .map(it -> it.toMillis() + " ms behind, limit " + lag.toMillis() + " ms");
    }
}
