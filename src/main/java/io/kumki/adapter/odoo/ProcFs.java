package io.kumki.adapter.odoo;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Reads {@code /proc} (proc(5)); a process that is gone or closed to us is an IOException. */
record ProcFs(Path root) {
    private static final int HANGUP = 1;

    /**
     * @param state Z is dead but not yet collected
     * @param startTicks when it started, since boot; the pid with this names a process for ever
     * @param image addresses that exec draws anew; empty if the kernel hides them from us
     */
    record Stat(char state, long parent, long startTicks, Optional<String> image) {}

    /**
     * @param inode names the socket in its owner's list of open files
     */
    record TcpSocket(InetAddress remote, int port, boolean listening, String inode) {}

    Stat stat(long pid) throws IOException {
        String line = Files.readString(file(pid, "stat"), StandardCharsets.ISO_8859_1);
        // The second field is a free name in parentheses: the third begins after the last one.
        String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ");
        String image = fields[25] + " " + fields[45];
        return new Stat(
                fields[0].charAt(0),
                Long.parseLong(fields[1]),
                Long.parseLong(fields[19]),
                image.equals("0 0") ? Optional.empty() : Optional.of(image));
    }

    /** A process that does not catch SIGHUP is ended by it. */
    boolean catchesHangup(long pid) throws IOException {
        for (String line : Files.readAllLines(file(pid, "status"), StandardCharsets.ISO_8859_1)) {
            if (line.startsWith("SigCgt:")) {
                return (Long.parseUnsignedLong(line.substring(7).strip(), 16) & HANGUP) != 0;
            }
        }
        return false;
    }

    /** The NUL-separated texts of {@code environ} or {@code cmdline}. */
    List<String> texts(long pid, String name) throws IOException {
        String all = Files.readString(file(pid, name), StandardCharsets.ISO_8859_1);
        return List.of(all.split("\0"));
    }

    /** The process and all that descend from it. */
    Set<Long> tree(long pid) throws IOException {
        List<long[]> parents = new ArrayList<>();
        try (Stream<Path> entries = Files.list(root)) {
            entries.map(it -> it.getFileName().toString())
                    .filter(it -> it.matches("[0-9]{1,18}"))
                    .map(Long::valueOf)
                    .forEach(it -> parents.add(new long[] {it, parentOf(it)}));
        }
        Set<Long> tree = new HashSet<>(Set.of(pid));
        boolean grew = true;
        while (grew) {
            grew = false;
            for (long[] it : parents) {
                grew |= tree.contains(it[1]) && tree.add(it[0]);
            }
        }
        return tree;
    }

    /** TCP sockets that the process or a descendant holds open, in whatever state. */
    List<TcpSocket> sockets(long pid) throws IOException {
        Set<String> inodes = new HashSet<>(inodes(pid));
        for (long child : tree(pid)) {
            try {
                inodes.addAll(inodes(child));
            } catch (IOException gone) {
                // A worker that ended meanwhile holds nothing.
                continue;
            }
        }
        List<TcpSocket> found = new ArrayList<>();
        for (String table : List.of("net/tcp", "net/tcp6")) {
            Path path = file(pid, table);
            if (Files.exists(path)) {
                Files.readAllLines(path).stream()
                        .skip(1)
                        .map(ProcFs::socket)
                        .filter(it -> inodes.contains(it.inode()))
                        .forEach(found::add);
            }
        }
        return found;
    }

    Path file(long pid, String name) {
        return root.resolve(Long.toString(pid)).resolve(name);
    }

    private long parentOf(long pid) {
        try {
            return stat(pid).parent();
        } catch (IOException gone) {
            return -1;
        }
    }

    private Set<String> inodes(long pid) throws IOException {
        Set<String> inodes = new HashSet<>();
        try (Stream<Path> files = Files.list(file(pid, "fd"))) {
            for (Path it : (Iterable<Path>) files::iterator) {
                linkOf(it)
                        .filter(to -> to.startsWith("socket:["))
                        .ifPresent(to -> inodes.add(to.substring(8, to.length() - 1)));
            }
        }
        return inodes;
    }

    private static Optional<String> linkOf(Path path) {
        try {
            return Optional.of(Files.readSymbolicLink(path).toString());
        } catch (IOException closedMeanwhile) {
            return Optional.empty();
        }
    }

    private static TcpSocket socket(String line) {
        String[] fields = line.strip().split("\\s+");
        String[] remote = fields[2].split(":");
        return new TcpSocket(
                address(remote[0]),
                Integer.parseInt(remote[1], 16),
                fields[3].equals("0A"),
                fields[9]);
    }

    /** The kernel prints each group of four bytes as one number in the machine's own order. */
    private static InetAddress address(String hex) {
        byte[] printed = HexFormat.of().parseHex(hex);
        byte[] bytes = printed.clone();
        if (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN) {
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = printed[i / 4 * 4 + 3 - i % 4];
            }
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (java.net.UnknownHostException e) {
            throw new IllegalStateException("an address of " + bytes.length + " bytes", e);
        }
    }
}
