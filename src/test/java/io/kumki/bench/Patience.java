package io.kumki.bench;

import java.time.Duration;

/**
 * How long writes must go on before they count as back.
 *
 * @param steady without a stop of 300 ms
 * @param limit when to give up
 */
record Patience(Duration steady, Duration limit) {
    static final Patience USUAL = new Patience(Duration.ofSeconds(2), Duration.ofSeconds(60));
}
