package io.kumki.agent.port;

import io.kumki.agent.Report;
import io.smallrye.mutiny.Uni;
import java.util.List;

/** Reports to peers and from them. */
public interface PeerBoard {
    /**
     * Tells every peer what we see and hears what they see.
     *
     * @return those heard, each with its age; ends by its own deadline, never fails, on the loop's
     *     thread. A peer that was silent the last time is not waited for
     */
    Uni<List<Heard>> exchange(Report mine);

    /**
     * @param age milliseconds since the report was made, at most
     */
    record Heard(Report report, long age) {}
}
