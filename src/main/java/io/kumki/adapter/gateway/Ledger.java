package io.kumki.adapter.gateway;

import io.kumki.core.model.HostPort;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** What all doors must know of each other's sessions. Any thread. */
final class Ledger {
    private final Map<HostPort, AtomicInteger> load = new ConcurrentHashMap<>();
    private final Map<ByteBuffer, HostPort> keys = new ConcurrentHashMap<>();
    private final Set<List<SocketAddress>> ownEnds = ConcurrentHashMap.newKeySet();
    private final AtomicInteger clients = new AtomicInteger();

    /** A client has come; how many are there with it. */
    int entered() {
        return clients.incrementAndGet();
    }

    void left() {
        clients.decrementAndGet();
    }

    void took(HostPort server) {
        load.computeIfAbsent(server, s -> new AtomicInteger()).incrementAndGet();
    }

    void gave(HostPort server) {
        load.get(server).decrementAndGet();
    }

    /** Sessions that lead there. */
    int load(HostPort server) {
        return Optional.ofNullable(load.get(server)).map(AtomicInteger::get).orElse(0);
    }

    /** All that sessions lead to now. */
    List<HostPort> inUse() {
        return load.keySet().stream().filter(s -> load(s) > 0).toList();
    }

    void learned(byte[] key, HostPort server) {
        keys.put(ByteBuffer.wrap(key), server);
    }

    void forgot(byte[] key) {
        keys.remove(ByteBuffer.wrap(key));
    }

    /** The server that gave this key to a session. */
    Optional<HostPort> owner(byte[] key) {
        return Optional.ofNullable(keys.get(ByteBuffer.wrap(key)));
    }

    void dialled(SocketAddress from, SocketAddress to) {
        ownEnds.add(List.of(from, to));
    }

    void hungUp(SocketAddress from, SocketAddress to) {
        ownEnds.remove(List.of(from, to));
    }

    /** Whether this client is one of our own connections to a server. */
    boolean ours(SocketAddress client, SocketAddress here) {
        return ownEnds.contains(List.of(client, here));
    }
}
