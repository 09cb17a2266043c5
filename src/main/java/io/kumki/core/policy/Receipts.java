package io.kumki.core.policy;

import io.kumki.core.model.Action.Receipt;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Episode;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Position;
import io.kumki.core.model.Runner.Work;
import java.util.Optional;

/** What a change of the leader cost: at first what is known, later what was measured. */
final class Receipts {
    private Receipts() {}

    /** The new leader may lack what the old one wrote after its last renewal: so "at least". */
    static Episode.Opened opened(Episode episode, Position position) {
        long missing = position.lsn().bytesBehind(episode.before().lsn());
        return new Episode.Opened(position, episode.safe() ? 0 : missing, episode.safe(), "");
    }

    /**
     * What only the old primary had. The folder is named by the term in which it was made, and a
     * leader's agent may have restarted since the change: the change is the latest up to that term.
     */
    static Optional<Receipt> measured(ClusterRecord record, NodeId node, Work work) {
        var folder = work.salvage().substring(work.salvage().lastIndexOf('/') + 1);
        if (!folder.matches("\\d{1,18}")) {
            return Optional.empty();
        }
        long term = Long.parseLong(folder);
        return successorOf(record, node)
                .filter(e -> e.term() <= term)
                .filter(e -> e.opened().filter(o -> o.salvage().isEmpty()).isPresent())
                .map(e -> new Receipt(e.term(), measured(e, node + ":" + work.salvage(), work)));
    }

    /** The change that ended this node's lead: only the old leader has all that could be lost. */
    private static Optional<Episode> successorOf(ClusterRecord record, NodeId node) {
        Optional<Episode> successor = Optional.empty();
        boolean led = false;
        for (var episode : record.history()) {
            boolean leads = episode.leader().equals(node);
            if (leads || led) {
                successor = leads ? Optional.empty() : Optional.of(episode);
            }
            led = leads;
        }
        return successor;
    }

    /** Where the new leader was safe, what the old one kept was never acknowledged. */
    private static Episode.Opened measured(Episode episode, String salvage, Work work) {
        long lost = episode.safe() ? 0 : work.salvageBytes();
        return new Episode.Opened(episode.opened().orElseThrow().position(), lost, true, salvage);
    }
}
