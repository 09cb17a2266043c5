package io.kumki.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The demo's stand-in for Odoo. Its reload command notes to which port odoo.conf points at that
 * moment, and whether the server there accepts writes.
 */
final class Odoo {
    /** A replica that is withdrawn for the moment stands there as a comment. */
    private static final Pattern ENDPOINT =
            Pattern.compile("(?m)^(; )?(db_host|db_port|db_replica_host|db_replica_port) = .*\n");

    private static final String RELOAD =
            """
            #!/bin/sh
            conf=%1$s/odoo.conf
            port=$(sed -n 's/^db_port = //p' "$conf")
            PGPASSWORD=$(sed -n 's/^db_password = //p' "$conf")
            export PGPASSWORD
            writable=$(%2$s/psql -XqAt -h 127.0.0.1 -p "$port" -U odoo -d odoo \\
                -c 'select not pg_is_in_recovery()' 2>&1)
            printf '%%s %%s\\n' "$port" "$writable" >>%1$s/reloads.log
            """;

    private final Path folder;
    private final String rest;

    Odoo(Path folder) {
        this.folder = folder;
        this.rest = withoutEndpoints(conf());
    }

    /** Takes the place of the demo's reload command, which `up` writes anew each time. */
    void listen(Path programs) {
        try {
            Files.writeString(folder.resolve("reload"), RELOAD.formatted(folder, programs));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until odoo.conf points there and to one of the replicas; the rest is unchanged. */
    void pointsTo(Member leader, List<Member> replicas) {
        var ports = replicas.stream().map(r -> "db_replica_port = " + r.server().port()).toList();
        Onlooker.eventually(
                "odoo.conf points to " + leader,
                () ->
                        assertThat(conf().lines())
                                .contains("db_host = " + leader.server().host())
                                .contains("db_port = " + leader.server().port())
                                .contains("db_replica_host = " + replicas.get(0).server().host())
                                .containsAnyElementsOf(ports));
        assertThat(withoutEndpoints(conf())).isEqualTo(rest);
    }

    /** Waits for a reload with this leader; none came before its server accepted writes. */
    void reloadedWith(Member leader, int since) {
        var right = leader.server().port() + " t";
        Onlooker.eventually(
                "a reload with " + leader,
                () -> assertThat(reloads().subList(since, reloads().size())).contains(right));
        assertThat(reloads()).allMatch(line -> !line.endsWith(" f"));
    }

    /** A line for each reload: port, and t if its server accepted writes. */
    List<String> reloads() {
        try {
            return Files.readAllLines(folder.resolve("reloads.log")).stream()
                    .filter(line -> !line.endsWith(" reload"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String conf() {
        try {
            return Files.readString(folder.resolve("odoo.conf"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String withoutEndpoints(String conf) {
        return ENDPOINT.matcher(conf).replaceAll("");
    }
}
