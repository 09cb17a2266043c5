package io.kumki.core.model;

import java.util.List;

/**
 * What keeps vacuum from removing dead rows.
 *
 * @param age of the oldest transaction that somebody may still look at, in transactions
 * @param holder who that is, e.g. "slot kumki_n2" or "session 4711 of odoo"; empty text if nobody
 * @param stranded logical slots that nobody uses on a standby, where a former primary left them
 */
public record Horizon(long age, String holder, List<String> stranded) {
    public static final Horizon NONE = new Horizon(0, "", List.of());

    /** A busy Odoo makes that many in a day; a healthy server holds none for an hour. */
    private static final long OLD = 5_000_000;

    public Horizon {
        stranded = List.copyOf(stranded);
    }

    /** Long enough to be worth a word. */
    public boolean old() {
        return age > OLD;
    }
}
