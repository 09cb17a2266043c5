package io.kumki.adapter.gateway;

import io.kumki.core.model.HostPort;
import io.vertx.core.net.NetClient;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Finds servers that swallow packets, or where nobody listens. Only the kernel is asked, by a TCP
 * connect: a long statement or a frozen postmaster is no silence. One event loop.
 */
final class Watch {
    /** How long a server may say nothing before it is asked. */
    static final long SUSPICIOUS = TimeUnit.MILLISECONDS.toNanos(150);

    static final int PATIENCE_MILLIS = 350;
    private static final long EVERY = TimeUnit.MILLISECONDS.toNanos(500);

    /** Is told when a server falls silent or speaks again. */
    interface News {
        void silence(HostPort server, boolean silent);
    }

    private static final class Probe {
        private boolean flying;
        private boolean silent;
        private long last = System.nanoTime() - EVERY;
    }

    private final NetClient client;
    private final News news;
    private final Map<HostPort, Probe> probes = new HashMap<>();

    Watch(NetClient client, News news) {
        this.client = client;
        this.news = news;
    }

    /** A session has got no answer for a while. */
    void suspect(HostPort server, long now) {
        var probe = probes.computeIfAbsent(server, s -> new Probe());
        if (!probe.flying && now - probe.last >= EVERY) {
            ask(server, probe, now);
        }
    }

    /** A connect has failed: as good as a probe. */
    void missed(HostPort server) {
        conclude(server, probes.computeIfAbsent(server, s -> new Probe()), true);
    }

    /** Asks the silent ones again. */
    void tick(long now) {
        probes.entrySet().stream()
                .filter(e -> e.getValue().silent)
                .map(Map.Entry::getKey)
                .toList()
                .forEach(server -> suspect(server, now));
        probes.values().removeIf(p -> !p.silent && !p.flying && now - p.last > 10 * EVERY);
    }

    /** Whether it has something to do when there are no sessions. */
    boolean busy() {
        return !probes.isEmpty();
    }

    private void ask(HostPort server, Probe probe, long now) {
        probe.flying = true;
        probe.last = now;
        client.connect(server.port(), server.host())
                .onSuccess(socket -> socket.close())
                .onComplete(
                        answer -> {
                            probe.flying = false;
                            conclude(server, probe, answer.failed());
                        });
    }

    private void conclude(HostPort server, Probe probe, boolean silent) {
        if (probe.silent != silent) {
            probe.silent = silent;
            news.silence(server, silent);
        }
    }
}
