package io.kumki.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Aligned columns that fit a terminal of 80; the widest cells are cut where they don't. */
final class Table {
    static final int WIDTH = 80;
    private static final String GAP = "  ";

    private final List<List<String>> rows = new ArrayList<>();

    Table(String... titles) {
        rows.add(List.of(titles));
    }

    void row(String... cells) {
        rows.add(List.of(cells));
    }

    List<String> lines() {
        var widths = widths();
        return rows.stream()
                .map(
                        row ->
                                IntStream.range(0, row.size())
                                        .mapToObj(i -> cell(row.get(i), widths[i]))
                                        .collect(Collectors.joining(GAP))
                                        .stripTrailing())
                .toList();
    }

    private int[] widths() {
        var widths =
                IntStream.range(0, rows.get(0).size())
                        .map(i -> rows.stream().mapToInt(r -> r.get(i).length()).max().orElse(0))
                        .toArray();
        int room = WIDTH - GAP.length() * (widths.length - 1);
        while (IntStream.of(widths).sum() > room) {
            widths[widest(widths)]--;
        }
        return widths;
    }

    private static int widest(int[] widths) {
        return IntStream.range(0, widths.length)
                .reduce((a, b) -> widths[a] >= widths[b] ? a : b)
                .orElseThrow();
    }

    private static String cell(String text, int width) {
        var cut = text.length() <= width ? text : text.substring(0, width - 1) + "…";
        return cut + " ".repeat(width - cut.length());
    }

    /** Breaks a sentence at spaces; further lines are indented. */
    static List<String> wrap(String text, String indent) {
        var lines = new ArrayList<String>();
        var line = new StringBuilder();
        for (var word : text.split(" ")) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > WIDTH) {
                lines.add(line.toString());
                line = new StringBuilder(indent).append(word);
            } else {
                line.append(line.isEmpty() ? "" : " ").append(word);
            }
        }
        lines.add(line.toString());
        return lines;
    }
}
