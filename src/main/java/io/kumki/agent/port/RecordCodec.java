package io.kumki.agent.port;

import io.kumki.core.model.ClusterRecord;

/** The record as the register's text. The renewal id stands first, in a line of its own. */
public interface RecordCodec {
    String encode(ClusterRecord clusterRecord);

    /**
     * @throws IllegalArgumentException if it is not a record that this version can read
     */
    ClusterRecord decode(String text);

    /** The renewal id within a value; empty for a blank one. */
    static String renewalOf(String value) {
        int end = value.indexOf('\n');
        return end < 0 ? "" : value.substring(0, end);
    }
}
