package io.kumki.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * What the command line asks for.
 *
 * @param settings KEY=VALUE for all agents
 * @param ttl of the leases, in seconds
 * @param freezeSeconds how long an agent is frozen
 * @param minutes how long to look for false failovers
 */
record Options(
        List<String> names,
        List<String> settings,
        int runs,
        double ttl,
        int freezeSeconds,
        double minutes,
        int busy) {
    static final double USUAL_TTL = 3;

    Options {
        names = List.copyOf(names);
        settings = List.copyOf(settings);
    }

    static Options parse(String... words) {
        var names = new ArrayList<String>();
        var settings = new ArrayList<String>();
        int runs = 10;
        int freeze = 60;
        int busy = 8;
        double minutes = 30;
        double ttl = USUAL_TTL;
        var rest = List.of(words).iterator();
        while (rest.hasNext()) {
            var word = rest.next();
            switch (word) {
                case "--runs" -> runs = Integer.parseInt(value(word, rest));
                case "--freeze" -> freeze = Integer.parseInt(value(word, rest));
                case "--minutes" -> minutes = Double.parseDouble(value(word, rest));
                case "--busy" -> busy = Integer.parseInt(value(word, rest));
                case "--set" -> settings.add(value(word, rest));
                case "--ttl" -> {
                    var text = value(word, rest);
                    ttl = seconds(text);
                    settings.add("ttl=" + text);
                }
                default -> names.add(name(word));
            }
        }
        return new Options(names, settings, runs, ttl, freeze, minutes, busy);
    }

    private static double seconds(String text) {
        if (!text.matches("\\d+(ms|s)")) {
            throw new IllegalArgumentException(
                    "--ttl wants a number with s or ms, such as 3s or 2500ms, not \""
                            + text
                            + "\"");
        }
        double number = Double.parseDouble(text.replaceAll("\\D", ""));
        return text.endsWith("ms") ? number / 1000 : number;
    }

    private static String value(String word, java.util.Iterator<String> rest) {
        if (!rest.hasNext()) {
            throw new IllegalArgumentException(word + " wants a value");
        }
        return rest.next();
    }

    private static String name(String word) {
        if (word.startsWith("-")) {
            throw new IllegalArgumentException("there is no option " + word);
        }
        return word;
    }
}
