package io.kumki.adapter.odoo;

/** An odoo.conf that was left as it is; the message says what was found and what to do. */
public final class OdooConfException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OdooConfException(String file, String found, String expected, String advice) {
        super(
                "refusing to rewrite %s: %s; expected %s. Nothing was changed. %s"
                        .formatted(file, found, expected, advice));
    }
}
