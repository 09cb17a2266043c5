package io.kumki.core.consensus;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Judges what clients saw. Every value names its predecessor, so that the register's life is one
 * chain: no value has two successors, and nobody sees an earlier value than was seen before.
 */
final class History {

    /** {@code depth:id:predecessor's id}; a blank register has depth 0 and an empty id. */
    record Link(int depth, String id, String before) {
        static Link of(String value) {
            if (value.isEmpty()) {
                return new Link(0, "", "none");
            }
            var parts = value.split(":", -1);
            return new Link(Integer.parseInt(parts[0]), parts[1], parts[2]);
        }

        String next(String newId) {
            return (depth + 1) + ":" + newId + ":" + id;
        }
    }

    private final List<String> violations = new ArrayList<>();
    private final Map<Integer, String> seen = new HashMap<>();
    private final Map<String, Link> proposed = new HashMap<>();
    private final Set<String> refused = new HashSet<>();
    private Link newest = Link.of("");
    private int commits;

    List<String> violations() {
        return violations;
    }

    void violated(String what) {
        violations.add(what);
    }

    int commits() {
        return commits;
    }

    /** The depth that everything which begins now must at least see. */
    int floor() {
        return newest.depth();
    }

    void proposes(String value) {
        proposed.put(Link.of(value).id(), Link.of(value));
    }

    void committed(String value, int floorAtStart) {
        commits++;
        saw(value, floorAtStart + 1);
    }

    /** A conflict is a promise that this value never was and never will be in the register. */
    void refused(String value) {
        var link = Link.of(value);
        refused.add(link.id());
        if (link.id().equals(seen.get(link.depth()))) {
            violated(value + " was refused and is there");
        }
    }

    /** Checks the value, and all values below it, against all that was ever seen. */
    void saw(String value, int atLeast) {
        var link = Link.of(value);
        if (link.depth() < atLeast) {
            violated("saw " + value + ", depth " + atLeast + " was seen before");
        }
        var step = link;
        while (step.depth() > 0) {
            var known = seen.putIfAbsent(step.depth(), step.id());
            if (refused.contains(step.id())) {
                violated(step.id() + " is there and was refused");
            }
            if (known != null && !known.equals(step.id())) {
                violated("both " + known + " and " + step.id() + " at depth " + step.depth());
                return;
            }
            if (known != null) {
                break;
            }
            step = step.depth() == 1 ? Link.of("") : proposed.get(step.before());
        }
        if (link.depth() > newest.depth()) {
            newest = link;
        }
    }
}
