package io.kumki.adapter.gateway;

import io.kumki.core.routing.Target;
import io.netty.buffer.ByteBuf;

/** A connection over which a server has declined TLS: it waits for the startup packet. */
final class Spare implements Wire.Ear {
    private final Wire wire;
    private final Target target;

    Spare(Wire wire, Target target) {
        this.wire = wire;
        this.target = target;
        wire.listen(this);
    }

    Wire wire() {
        return wire;
    }

    /** Whether it still stands, and leads there. */
    boolean leadsTo(Target other) {
        return wire.open() && target.address().equals(other.address());
    }

    /** A server that speaks unasked is not usable. */
    @Override
    public void heard(ByteBuf bytes) {
        bytes.release();
        wire.abort();
    }

    @Override
    public void ended() {
        wire.abort();
    }

    @Override
    public void gone() {
        // The next server is asked anew.
    }
}
