package io.kumki.api;

/**
 * Who asks for something, and why.
 *
 * @param caller an address, or "10.0.0.7 via n2"
 * @param reason one line; empty if none was given
 */
public record Asked(String caller, String reason) {
    /** For receipt and history. */
    public String words() {
        return "an operator (" + caller + (reason.isEmpty() ? "" : ": " + reason) + ")";
    }
}
