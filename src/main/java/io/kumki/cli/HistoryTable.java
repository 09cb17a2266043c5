package io.kumki.cli;

import io.kumki.core.model.Episode;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The changes of the leader as lines of 80 columns, newest first. */
final class HistoryTable {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");

    private HistoryTable() {}

    static List<String> lines(List<Episode> episodes, ZoneId zone) {
        if (episodes.isEmpty()) {
            return List.of("The leader has not changed yet.");
        }
        var table = new Table("TERM", "WHEN", "LEADER", "CAUSE", "TOOK", "LOST", "SALVAGE");
        for (var episode : episodes) {
            table.row(
                    String.valueOf(episode.term()),
                    TIME.format(Instant.ofEpochMilli(episode.at()).atZone(zone)),
                    episode.leader().name(),
                    episode.cause().name().toLowerCase(Locale.ROOT),
                    took(episode),
                    lost(episode),
                    salvage(episode).isPresent() ? "below" : "-");
        }
        var lines = new ArrayList<>(table.lines());
        lines.add("");
        for (var episode : episodes) {
            lines.addAll(Table.wrap("%d: %s".formatted(episode.term(), episode.reason()), "  "));
            // Here and in full: a path in the table would cut the times.
            salvage(episode).ifPresent(where -> lines.add("  kept aside: " + where));
        }
        return lines;
    }

    private static Optional<String> salvage(Episode episode) {
        return episode.opened().map(Episode.Opened::salvage).filter(s -> !s.isEmpty());
    }

    /** From the last sign of the old leader to accepted writes. */
    private static String took(Episode episode) {
        var timing = episode.timing();
        return episode.opened().isEmpty()
                ? "unopened"
                : Units.seconds(timing.detection() + timing.election() + timing.promotion());
    }

    private static String lost(Episode episode) {
        return episode.opened()
                .map(o -> (o.measured() ? "" : ">= ") + Units.bytes(o.lostBytes()))
                .orElse("-");
    }
}
