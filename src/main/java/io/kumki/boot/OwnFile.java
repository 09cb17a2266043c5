package io.kumki.boot;

import io.kumki.agent.Snapshot;
import io.kumki.agent.port.Publisher;
import io.kumki.core.model.ClusterRecord;
import java.util.List;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Compares our own file with what is agreed on: says each difference once, and keeps our voter from
 * voting where it counts other voters than the register does.
 */
final class OwnFile implements Publisher {
    private static final Logger LOG = Logger.getLogger(OwnFile.class);

    private final Consumer<String> object;
    private List<String> told = List.of();

    /**
     * @param object told why our voter must not vote; empty if it may
     */
    OwnFile(Consumer<String> object) {
        this.object = object;
    }

    @Override
    public void publish(Snapshot snapshot) {
        snapshot.view()
                .register()
                .flatMap(ClusterRecord::agreed)
                .ifPresent(
                        agreed -> {
                            var own = snapshot.reports().get(0);
                            object.accept(agreed.objection(own.voters()).orElse(""));
                            tell(snapshot, own.differences(agreed));
                        });
    }

    private void tell(Snapshot snapshot, List<String> differences) {
        if (!differences.equals(told)) {
            told = differences;
            LOG.warnf(
                    "settings node=%s differ=\"%s\": what is agreed on counts, see `kumki config`",
                    snapshot.view().self(),
                    differences.isEmpty() ? "nothing any more" : String.join("; ", differences));
        }
    }
}
