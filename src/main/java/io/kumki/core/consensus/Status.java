package io.kumki.core.consensus;

/**
 * A voter's standing, for reports and people.
 *
 * @param reason why it does not vote, or what its disk refused last; empty if all is well
 */
public record Status(Standing standing, String reason) {}
