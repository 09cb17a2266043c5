package io.kumki.cluster;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** Takes letters, with or without TLS. */
final class WebhookEar implements AutoCloseable {
    private static final String PASSWORD = "changeit";

    private final String scheme;
    private final HttpServer server;
    final List<String> letters = new CopyOnWriteArrayList<>();

    private WebhookEar(String scheme, HttpServer server) {
        this.scheme = scheme;
        this.server = server;
        server.createContext("/hook", this::take);
        // By default one caller that stalls, say in its TLS handshake, would make it deaf for all.
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    static WebhookEar plain() throws IOException {
        return new WebhookEar("http", HttpServer.create(anyPort(), 0));
    }

    /**
     * @param store as {@link #certificate} made it
     */
    static WebhookEar secure(Path store) throws IOException, GeneralSecurityException {
        var keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, PASSWORD.toCharArray());
        var context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        var server = HttpsServer.create(anyPort(), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        return new WebhookEar("https", server);
    }

    /** A store with a key and its certificate for this machine, readable by everybody. */
    static Path certificate(Path folder) throws IOException {
        var store = Files.createDirectories(folder).resolve("webhook.p12");
        Commands.run(
                System.getProperty("java.home") + "/bin/keytool",
                "-genkeypair",
                "-alias",
                "webhook",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost,ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                store.toString());
        return store;
    }

    /** What an agent must be told to trust that certificate. */
    static List<String> trusting(Path store) {
        return List.of(
                "-Djavax.net.ssl.trustStore=" + store,
                "-Djavax.net.ssl.trustStorePassword=" + PASSWORD);
    }

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    String url() {
        return scheme + "://localhost:" + server.getAddress().getPort() + "/hook";
    }

    private void take(HttpExchange exchange) throws IOException {
        letters.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        exchange.sendResponseHeaders(200, -1);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
