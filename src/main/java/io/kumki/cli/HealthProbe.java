package io.kumki.cli;

import io.kumki.config.LocalAgent;
import io.kumki.tls.Client;
import io.kumki.tls.TlsException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/**
 * Asks the agent of this machine how it is. An orchestrator does so every few seconds for years,
 * each time in a new process: so this is a bare socket, with no picocli, no JSON, no HTTP client.
 *
 * @param path what is asked, such as {@code /readiness}
 */
public record HealthProbe(LocalAgent agent, String path) {
    /** On the command line. */
    public static final String NAME = "health";

    static final String LIVE = "--live";
    private static final int MILLIS = 2000;
    private static final int LONGEST_ANSWER = 8192;

    /**
     * @param line one sentence for people
     */
    record Verdict(boolean healthy, String line) {
        int exit() {
            return healthy ? 0 : Failure.REFUSED;
        }
    }

    static HealthProbe of(LocalAgent agent, boolean live) {
        return new HealthProbe(agent, live ? "/liveness" : "/readiness");
    }

    /** Whether the words need no parser. */
    public static boolean understands(String[] words) {
        return words.length > 0
                && words[0].equals(NAME)
                && (words.length == 1 || (words.length == 2 && words[1].equals(LIVE)));
    }

    /**
     * Prints the verdict.
     *
     * @param words understood ones
     * @return the exit code
     */
    public static int run(String[] words, Map<String, String> environment) {
        var verdict = here(environment, words.length == 2);
        System.out.println(verdict.line());
        return verdict.exit();
    }

    /** That of the agent which these settings start. */
    static Verdict here(Map<String, String> environment, boolean live) {
        try {
            return of(LocalAgent.in(environment), live).ask();
        } catch (IllegalArgumentException e) {
            return new Verdict(false, "unhealthy: `listen` cannot be read: " + e.getMessage());
        }
    }

    Verdict ask() {
        try (var socket = connect()) {
            var request = "GET " + path + " HTTP/1.0\r\nHost: " + agent.address() + "\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return read(
                    new String(
                            socket.getInputStream().readNBytes(LONGEST_ANSWER),
                            StandardCharsets.UTF_8));
        } catch (IOException | TlsException e) {
            return new Verdict(
                    false,
                    "unhealthy: no answer from "
                            + agent.address()
                            + path
                            + " ("
                            + e.getMessage()
                            + "). Is the agent running, and does it listen there?");
        }
    }

    private Socket connect() throws IOException, TlsException {
        var to = agent.address();
        var socket = new Socket();
        socket.connect(new InetSocketAddress(InetAddress.getByName(to.host()), to.port()), MILLIS);
        socket.setSoTimeout(MILLIS);
        return agent.authority().isEmpty() ? socket : secured(socket, agent.authority().get());
    }

    /** The agent's certificate is for its name in `peers`, not for this machine's loopback. */
    private static Socket secured(Socket plain, Path authority) throws IOException, TlsException {
        return Client.trusting(authority)
                .getSocketFactory()
                .createSocket(plain, "localhost", plain.getPort(), true);
    }

    private Verdict read(String answer) {
        int space = answer.indexOf(' ');
        int body = answer.indexOf("\r\n\r\n");
        if (!answer.startsWith("HTTP/") || space < 0 || body < 0) {
            return new Verdict(
                    false,
                    "unhealthy: " + agent.address() + " does not speak HTTP; is it a Kumki agent?");
        }
        boolean up = answer.startsWith("200", space + 1);
        return new Verdict(up, (up ? "healthy: " : "unhealthy: ") + answer.substring(body).strip());
    }
}
