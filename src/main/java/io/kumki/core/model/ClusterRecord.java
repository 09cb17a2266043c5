package io.kumki.core.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * All that the cluster must agree on: the value of the register.
 *
 * @param cluster the cluster's name: agents of another one are refused
 * @param systemId {@code pg_control_system().system_identifier}; empty before the first start
 * @param position the primary's flush position at the last renewal
 * @param history the latest changes of the leader, oldest first, at most {@link #HISTORY}
 * @param agreed what must be equal on all nodes; empty if no agent that knows of it has led yet
 */
public record ClusterRecord(
        String cluster,
        String systemId,
        Tenure tenure,
        Position position,
        Safety safety,
        Wishes wishes,
        List<Episode> history,
        Optional<Agreed> agreed) {
    public static final int HISTORY = 50;

    public ClusterRecord {
        history =
                List.copyOf(history.subList(Math.max(0, history.size() - HISTORY), history.size()));
    }

    public boolean heldBy(NodeId node) {
        return tenure.holder().equals(node);
    }

    public ClusterRecord with(Tenure next) {
        return new ClusterRecord(
                cluster, systemId, next, position, safety, wishes, history, agreed);
    }

    public ClusterRecord with(Position next) {
        return new ClusterRecord(cluster, systemId, tenure, next, safety, wishes, history, agreed);
    }

    public ClusterRecord with(Safety next) {
        return new ClusterRecord(
                cluster, systemId, tenure, position, next, wishes, history, agreed);
    }

    public ClusterRecord with(Wishes next) {
        return new ClusterRecord(
                cluster, systemId, tenure, position, safety, next, history, agreed);
    }

    public ClusterRecord withSystemId(String next) {
        return new ClusterRecord(cluster, next, tenure, position, safety, wishes, history, agreed);
    }

    public ClusterRecord with(Agreed next) {
        return new ClusterRecord(
                cluster, systemId, tenure, position, safety, wishes, history, Optional.of(next));
    }

    /**
     * The same under a fresh renewal id: every write by the holder renews its lease. It counts for
     * the ttl that is agreed on now.
     */
    public ClusterRecord renewed(String renewal) {
        return with(
                new Tenure(
                        tenure.term(),
                        tenure.holder(),
                        renewal,
                        tenure.released(),
                        tenure.releasedTo(),
                        nextTtl(tenure.ttl())));
    }

    public ClusterRecord released(Optional<NodeId> to, String renewal) {
        return with(
                new Tenure(
                        tenure.term(), tenure.holder(), renewal, true, to, nextTtl(tenure.ttl())));
    }

    /**
     * How long the next renewal counts, in milliseconds.
     *
     * @param otherwise where nothing is agreed on yet
     */
    public long nextTtl(long otherwise) {
        return agreed.map(Agreed::ttl).orElse(otherwise);
    }

    public ClusterRecord adding(Episode episode) {
        var longer = new ArrayList<>(history);
        longer.add(episode);
        return new ClusterRecord(
                cluster, systemId, tenure, position, safety, wishes, longer, agreed);
    }

    /** Changes the episode of that term, if it is still remembered. */
    public ClusterRecord amending(long term, UnaryOperator<Episode> change) {
        var amended = history.stream().map(e -> e.term() == term ? change.apply(e) : e).toList();
        return new ClusterRecord(
                cluster, systemId, tenure, position, safety, wishes, amended, agreed);
    }

    /** The latest change of the leader. */
    public Optional<Episode> latest() {
        return history.isEmpty() ? Optional.empty() : Optional.of(history.get(history.size() - 1));
    }
}
