package io.kumki.api;

import io.kumki.agent.Report;
import io.kumki.agent.Snapshot;
import io.kumki.core.model.Agreed;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Mode;
import io.kumki.core.model.NodeId;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What must be equal on all nodes: what is agreed on, and what each node's own file says.
 *
 * @param agreed false: nothing is in the register yet, so each node goes by its own file
 * @param ttl as in a file; empty text where nothing is agreed on
 * @param ttlMillis -1 where nothing is agreed on
 * @param mode async or sync; empty text where nothing is agreed on
 * @param keptMode what commits wait for now: it follows a change of the mode
 * @param nodes those that were heard, and this one
 */
@RegisterForReflection
public record ConfigView(
        boolean agreed,
        String ttl,
        long ttlMillis,
        String mode,
        String keptMode,
        List<String> voters,
        List<Node> nodes,
        String seenBy) {
    public ConfigView {
        voters = List.copyOf(voters);
        nodes = List.copyOf(nodes);
    }

    /**
     * One node's own file.
     *
     * @param ttl empty text from a version that does not tell; so is mode
     * @param differs what differs from what is agreed on, in sentences for people
     */
    @RegisterForReflection
    public record Node(
            String name, String ttl, String mode, List<String> voters, List<String> differs) {
        public Node {
            voters = List.copyOf(voters);
            differs = List.copyOf(differs);
        }
    }

    public static ConfigView of(Snapshot snapshot) {
        var record = snapshot.view().register();
        var agreed = record.flatMap(ClusterRecord::agreed);
        return new ConfigView(
                agreed.isPresent(),
                agreed.map(a -> Agreed.duration(a.ttl())).orElse(""),
                agreed.map(Agreed::ttl).orElse(-1L),
                agreed.map(a -> a.mode().word()).orElse(""),
                record.map(r -> r.safety().mode().word()).orElse(""),
                agreed.map(a -> names(a.voters())).orElse(List.of()),
                snapshot.reports().stream()
                        .map(r -> node(r, agreed))
                        .sorted(Comparator.comparing(Node::name))
                        .toList(),
                snapshot.view().self().name());
    }

    private static Node node(Report report, Optional<Agreed> agreed) {
        var file = report.configured();
        return new Node(
                report.node().name(),
                file.map(Report.Configured::ttl).map(Agreed::duration).orElse(""),
                file.map(Report.Configured::mode).map(Mode::word).orElse(""),
                names(report.voters()),
                differs(report, agreed));
    }

    static List<String> differs(Report report, Optional<Agreed> agreed) {
        return agreed.map(report::differences).orElse(List.of());
    }

    private static List<String> names(Collection<NodeId> nodes) {
        return nodes.stream().map(NodeId::name).sorted().toList();
    }
}
