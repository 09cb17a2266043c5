package io.kumki.support;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Ports for the servers of tests. Not those that the kernel would choose: it gives the same ones to
 * every outgoing connection, and a test's server would now and then find its port in use. Each of
 * the JVMs that run tests side by side has a range of its own.
 */
public final class FreePort {
    private static final int JVMS = 4;
    private static final int EACH = 2500;
    private static final List<FileLock> CLAIMS = new ArrayList<>();
    // The demos choose from 17400 on, and the kernel from 32768 on.
    private static final int FIRST = 21_000 + EACH * range();
    private static final Set<Integer> GIVEN = new HashSet<>();

    private FreePort() {}

    /** One that no other JVM has: the kernel lets its lock go when this one ends. */
    private static int range() {
        var user = System.getProperty("user.name");
        for (int range = 0; range < JVMS; range++) {
            var file = Path.of("/tmp", "kumki-ports-%s-%d".formatted(user, range));
            try {
                var lock = FileChannel.open(file, CREATE, WRITE).tryLock();
                if (lock != null) {
                    CLAIMS.add(lock);
                    return range;
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return RandomGenerator.getDefault().nextInt(JVMS);
    }

    /** One that nobody listens at now, and that was not given before in this JVM. */
    public static int next() {
        return row(1);
    }

    /**
     * The first of so many in a row: for a program that takes the ports from there on, also later
     * when one of its servers is down.
     */
    public static synchronized int row(int length) {
        for (int tries = 0; tries < EACH; tries++) {
            int first = FIRST + RandomGenerator.getDefault().nextInt(EACH - length + 1);
            var ports = IntStream.range(first, first + length).boxed().toList();
            if (ports.stream().noneMatch(GIVEN::contains)
                    && ports.stream().allMatch(FreePort::free)) {
                GIVEN.addAll(ports);
                return first;
            }
        }
        throw new IllegalStateException("no " + length + " free ports from " + FIRST + " on");
    }

    private static boolean free(int port) {
        try (var socket = new ServerSocket(port)) {
            return socket.isBound();
        } catch (IOException taken) {
            return false;
        }
    }
}
