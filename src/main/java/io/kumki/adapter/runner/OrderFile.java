package io.kumki.adapter.runner;

import io.kumki.core.model.Action;
import io.kumki.core.model.Action.Order;
import io.kumki.core.model.Action.Source;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** An order in the runner's words (docs/RUNNER.md). */
final class OrderFile {
    private OrderFile() {}

    /**
     * Everything but id, term and system identifier.
     *
     * @return keys and values in the order in which they are written
     */
    static Map<String, String> lines(Order order, String slot) {
        var lines = new LinkedHashMap<String, String>();
        switch (order) {
            case Action.BePrimary primary -> {
                lines.put("kind", "primary");
                lines.put("sync_names", primary.syncNames());
                lines.put("bootstrap", primary.bootstrap() ? "yes" : "no");
                lines.put("least_lsn", primary.least().toString());
            }
            case Action.BeStandby standby -> {
                lines.put("kind", "standby");
                put(lines, standby.source(), slot);
            }
            case Action.Rewind rewind -> {
                lines.put("kind", "rewind");
                lines.put("fork_lsn", rewind.fork().toString());
                put(lines, Optional.of(rewind.source()), slot);
            }
            case Action.Clone clone -> {
                lines.put("kind", "clone");
                put(lines, Optional.of(clone.source()), slot);
            }
            case Action.Stop stop -> {
                lines.put("kind", "stop");
                lines.put("mode", stop.immediate() ? "immediate" : "fast");
            }
        }
        return lines;
    }

    private static void put(Map<String, String> lines, Optional<Source> source, String slot) {
        lines.put("source_host", source.map(s -> s.address().host()).orElse(""));
        lines.put("source_port", source.map(s -> "" + s.address().port()).orElse(""));
        lines.put("slot", source.isPresent() ? slot : "");
    }
}
