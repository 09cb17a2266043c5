package io.kumki.adapter.gateway;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** The gateway's numbers; docs/METRICS.md. Any thread. */
final class Figures {
    private final MeterRegistry meters;
    private final AtomicInteger writers = new AtomicInteger();
    private final AtomicInteger readers = new AtomicInteger();
    private final AtomicInteger held = new AtomicInteger();
    private final LongAdder toServers = new LongAdder();
    private final LongAdder toClients = new LongAdder();
    private final Timer holdTime;
    private final Timer connectTime;

    Figures(MeterRegistry meters) {
        this.meters = meters;
        sessions(Port.RW);
        sessions(Port.RO);
        Gauge.builder("kumki.gateway.held", held, AtomicInteger::get)
                .description("sessions that wait for a server")
                .register(meters);
        bytes("to-server", toServers);
        bytes("to-client", toClients);
        holdTime = timer("kumki.gateway.hold", "how long sessions waited for a server");
        connectTime = timer("kumki.gateway.connect", "TCP connects to servers");
    }

    private void sessions(Port port) {
        Gauge.builder("kumki.gateway.sessions", of(port), AtomicInteger::get)
                .description("sessions that lead to a server")
                .tag("port", port.word())
                .register(meters);
    }

    private void bytes(String direction, LongAdder count) {
        FunctionCounter.builder("kumki.gateway.bytes", count, LongAdder::sum)
                .description("bytes that passed")
                .tag("direction", direction)
                .register(meters);
    }

    private Timer timer(String name, String description) {
        return Timer.builder(name).description(description).register(meters);
    }

    private AtomicInteger of(Port port) {
        return port == Port.RW ? writers : readers;
    }

    void opened(Port port) {
        of(port).incrementAndGet();
    }

    void closed(Port port) {
        of(port).decrementAndGet();
    }

    void holds() {
        held.incrementAndGet();
    }

    void released(long nanos) {
        held.decrementAndGet();
        holdTime.record(Duration.ofNanos(nanos));
    }

    void connected(long nanos) {
        connectTime.record(Duration.ofNanos(nanos));
    }

    void toServer(int bytes) {
        toServers.add(bytes);
    }

    void toClient(int bytes) {
        toClients.add(bytes);
    }

    /** A session was ended that the client did not want to end. */
    void cut(String reason) {
        Counter.builder("kumki.gateway.cut")
                .description("sessions ended by the gateway")
                .tag("reason", reason)
                .register(meters)
                .increment();
    }

    /** A client was not let in. */
    void refused(String reason) {
        Counter.builder("kumki.gateway.refused")
                .description("clients that were not let in")
                .tag("reason", reason)
                .register(meters)
                .increment();
    }
}
