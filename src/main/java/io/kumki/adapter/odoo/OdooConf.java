package io.kumki.adapter.odoo;

import io.kumki.core.model.HostPort;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** An odoo.conf: read as Odoo reads it, rewritten so that every byte that is not ours stays. */
public final class OdooConf {
    static final String SECTION = "options";
    static final String HOST = "db_host";
    static final String PORT = "db_port";
    static final String REPLICA_HOST = "db_replica_host";
    static final String REPLICA_PORT = "db_replica_port";

    /** The keys that Kumki writes; it changes no other. */
    static final List<String> OWNED = List.of(HOST, PORT, REPLICA_HOST, REPLICA_PORT);

    /** Odoo reads these as "not set". */
    private static final Set<String> NOT_SET = Set.of("False", "false", "None");

    private final String file;
    private final Charset charset;
    private final String text;
    private final List<ConfLine> lines;
    private final Map<String, Map<String, String>> sections;

    private OdooConf(String file, Charset charset, String text) {
        this.file = file;
        this.charset = charset;
        this.text = text;
        ConfReader reader = new ConfReader(file, text);
        lines = List.copyOf(reader.lines);
        sections = reader.sections;
        if (!sections.containsKey(SECTION)) {
            throw new OdooConfException(
                    file,
                    "there is no section [options], only " + sections.keySet(),
                    "[options] in lower case",
                    "Add the line [options]: without it Odoo ignores the whole file.");
        }
    }

    /**
     * Bytes that are not UTF-8 are read one character each, as under a single-byte locale: either
     * way they come out again as they went in.
     *
     * @param file only for messages
     * @throws OdooConfException if Odoo would not start with it, or would ignore it
     */
    public static OdooConf parse(String file, byte[] bytes) {
        try {
            String text =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            return new OdooConf(file, StandardCharsets.UTF_8, text);
        } catch (CharacterCodingException notUtf8) {
            Charset latin = StandardCharsets.ISO_8859_1;
            return new OdooConf(file, latin, new String(bytes, latin));
        }
    }

    /** What Odoo would take, before looking at its environment and command line. */
    public Optional<String> value(String key) {
        return valueIn(SECTION, key).or(() -> valueIn(ConfReader.DEFAULT, key));
    }

    /** Empty if host or port are left to libpq, or are nothing that we would write. */
    public Optional<HostPort> writer() {
        return endpoint(HOST, PORT);
    }

    /** Empty if there is none, or if it is nothing that we would write. */
    public Optional<HostPort> replica() {
        return endpoint(REPLICA_HOST, REPLICA_PORT);
    }

    /**
     * The same file with the four keys saying {@code wanted}; the same bytes if they do already.
     *
     * @throws OdooConfException if the result, read again, differs in anything else
     */
    public byte[] rewrite(Endpoints wanted) {
        Map<String, Optional<String>> values = valuesOf(wanted);
        OdooConf result = this;
        for (String key : OWNED.reversed()) {
            result = result.with(key, values.get(key));
        }
        verify(result, values);
        return result.bytes();
    }

    static boolean isNotSet(String value) {
        return NOT_SET.contains(value);
    }

    byte[] bytes() {
        return text.getBytes(charset);
    }

    List<ConfLine> lines() {
        return lines;
    }

    Map<String, Map<String, String>> sections() {
        return sections;
    }

    Optional<String> valueIn(String section, String key) {
        return Optional.ofNullable(sections.getOrDefault(section, Map.of()).get(key));
    }

    private OdooConf with(String key, Optional<String> value) {
        String changed = new ConfEdit(this, key).to(value);
        return changed.equals(text) ? this : new OdooConf(file, charset, changed);
    }

    private Optional<HostPort> endpoint(String hostKey, String portKey) {
        String host = value(hostKey).orElse("");
        String port = value(portKey).orElse("");
        if (!Endpoints.isHost(host)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new HostPort(host, Integer.parseInt(port)));
        } catch (IllegalArgumentException notOurs) {
            return Optional.empty();
        }
    }

    private static Map<String, Optional<String>> valuesOf(Endpoints wanted) {
        return Map.of(
                HOST, Optional.of(wanted.writer().host()),
                PORT, Optional.of(Integer.toString(wanted.writer().port())),
                REPLICA_HOST, wanted.replica().map(HostPort::host),
                REPLICA_PORT, wanted.replica().map(it -> Integer.toString(it.port())));
    }

    /** The last guard: whatever the edit did, nothing else may have moved. */
    private void verify(OdooConf result, Map<String, Optional<String>> values) {
        boolean said =
                OWNED.stream()
                        .allMatch(
                                key ->
                                        result.value(key)
                                                .filter(it -> !isNotSet(it))
                                                .equals(values.get(key)));
        if (!said || !Objects.equals(withoutOwned(), result.withoutOwned())) {
            throw new OdooConfException(
                    file,
                    "after the rewrite it would read otherwise than wanted",
                    "only " + OWNED + " to change",
                    "Set the four keys by hand and report this file's layout as a bug.");
        }
    }

    private Map<String, Map<String, String>> withoutOwned() {
        Map<String, Map<String, String>> rest = new LinkedHashMap<>(sections);
        Map<String, String> options = new LinkedHashMap<>(rest.get(SECTION));
        options.keySet().removeAll(OWNED);
        rest.put(SECTION, options);
        return rest;
    }
}
