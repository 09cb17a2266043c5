package io.kumki.bench;

import java.util.List;
import java.util.Locale;

/** Measured values of one kind, in seconds unless said otherwise; never empty. */
record Figures(List<Double> values) {
    Figures {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("no value was measured");
        }
        values = values.stream().sorted().toList();
    }

    double median() {
        int half = values.size() / 2;
        return values.size() % 2 == 1
                ? values.get(half)
                : (values.get(half - 1) + values.get(half)) / 2;
    }

    double min() {
        return values.getFirst();
    }

    double max() {
        return values.getLast();
    }

    /** Median, smallest, largest: three cells of a table's row. */
    String cells() {
        return String.format(Locale.ROOT, "%.3f | %.3f | %.3f", median(), min(), max());
    }
}
