package io.kumki.adapter.odoo;

/** What became of an attempt to make Odoo read its configuration again. */
public sealed interface Reload {
    String text();

    /** Delivered; whether Odoo followed shows later. */
    record Sent(String text) implements Reload {}

    /** Not sent, because it would do harm now. Try again. */
    record NotYet(String text) implements Reload {}

    record Failed(String text) implements Reload {}
}
