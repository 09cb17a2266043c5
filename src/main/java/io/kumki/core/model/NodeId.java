package io.kumki.core.model;

import java.util.regex.Pattern;

/**
 * A node's name. It is the standby's {@code application_name} too, and part of its slot's name.
 *
 * @param name lower case letters, digits and hyphens, at most 40; hyphens and not underscores,
 *     because it may be a host name and a URI refuses those
 */
public record NodeId(String name) implements Comparable<NodeId> {
    private static final Pattern FORM = Pattern.compile("[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?");

    public NodeId {
        if (!FORM.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "a node's name must be 1 to 40 lower case letters, digits and inner hyphens,"
                            + " got \""
                            + name
                            + "\"");
        }
    }

    /** The physical replication slot that this node streams from, on whichever node leads. */
    public String slot() {
        return "kumki_" + name.replace('-', '_');
    }

    @Override
    public int compareTo(NodeId other) {
        return name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return name;
    }
}
