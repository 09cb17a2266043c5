package io.kumki.core.model;

/**
 * What a tick decided, and why.
 *
 * @param because one sentence with the numbers that mattered, for people
 */
public record Decision(Rule rule, Action action, String because) {}
