package io.kumki.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/CONFIGURATION.md is made from the schema: {@code -Ddocs.write=true} writes it anew. */
class ConfigurationDocTest {
    private static final Path FILE = Path.of("docs", "CONFIGURATION.md");

    private static final String CHANGING =
            """

            ## Changing it

            **Agreed on**: `ttl`, `mode` and the voters must be equal on all nodes, so the register
            says what they are. The founder's file says it first; from then on these keys of a file
            are only compared with it. An agent whose file differs says so (log, `kumki status`,
            alert `settings-differ`, metric `kumki_settings_differ`) and goes by what is agreed on.

            | key | how to change it |
            | --- | --- |
            | `ttl` | `kumki config set ttl=5s`, at any time; then the files, without haste |
            | `mode` | `kumki config set mode=sync`, likewise; a standby must be proven first |
            | `peers` | addresses agent by agent; voters: [RUNBOOK](RUNBOOK.md#voters) |
            | `cluster`, `node` | not while in use: agents of another name are refused |
            | `token` | all agents at once: stop them (servers stop too), start them |
            | `listen`, `tls-*` | agent by agent, the others' `peers` or `tls-ca` before |
            | all others | agent by agent, the leader's last; best shorter than `ttl` |

            While versions are mixed in an upgrade, an older leader writes none of it down and each
            file counts as before: keep the files equal until all agents are new.
            """;

    @Test
    void theDocumentIsInStepWithTheSchema() throws IOException {
        var expected = text();
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(FILE, expected);
        }
        assertThat(Files.readString(FILE)).isEqualTo(expected);
    }

    private static String text() {
        return """
        # Configuration of an agent

        <!-- Made from io.kumki.config.Key by ConfigurationDocTest; edit there. -->

        `kumki agent --config FILE [--KEY=VALUE ...]`

        The file has one `key = value` a line; lines that begin with `#` are comments. The
        same key can stand in the environment as `KUMKI_KEY` (upper case, `_` for `-`) and on
        the command line as `--key=value`. **Command line before environment before file
        before default.** An unknown key, a key twice, a value out of range or a
        contradiction refuses the start, with everything that is wrong in one message and
        exit code 78; nothing is started or changed then. Each says where the value stands
        that is refused: a line of the file, a variable, an argument.

        A value and a file with it (`token` and `token-file`, and so on) are refused together.
        Other variables that begin with `KUMKI_` are no settings: ours of the command line,
        the runner and the compose files, and what Kubernetes makes of services that are
        called `kumki` or `kumki-...`; an unknown one is refused as a slip.

        Durations: `500ms`, `3s`, `2m`, `1h`. Sizes: `512kB`, `16MB`, `2GB` (1024 to the
        next). The runner has its own few variables: [RUNNER.md](RUNNER.md).

        | key | default | meaning |
        | --- | --- | --- |
        """
                + Stream.of(Key.values())
                        .map(ConfigurationDocTest::row)
                        .collect(Collectors.joining())
                + after();
    }

    private static String after() {
        return """

        ## Durations that belong together

        `tick` and `poll-timeout` together must be shorter than `ttl`, else a view may be
        older than the lease, and shorter than `unreachable-after`, else one slow answer
        costs the leader its server. `unreachable-after` must be shorter than `patience`,
        `tick` (with `write-probe`: both together) shorter than `replica-max-lag-time`, and
        with a gateway `gateway-connect-timeout` shorter than `gateway-hold`. So a `ttl` of
        1s needs a shorter `tick` and `poll-timeout` too.

        ## Least privilege

        The agent's role needs `LOGIN REPLICATION` (slots are managed with it), `pg_monitor`,
        on PostgreSQL 15 and later `pg_checkpoint`, on 16 and later `pg_use_reserved_connections`
        (set `reserved_connections`, so that it gets in when all others are taken), and CONNECT
        on the database that it logs in
        to, which hardened servers take from public. It is no superuser.
        `deploy/node/kumki-role.sh` makes it, and the `replicator` role for streaming, base
        backup and rewind; both get CONNECT on `postgres`. On a cluster made by an earlier
        Kumki: run it again, or `grant connect on database postgres to kumki, replicator`.

        Sessions of the agent and of the runner begin with their own settings (isolation, time
        limits, formats, `search_path`, role): what `ALTER ROLE`, `ALTER DATABASE`, `ALTER
        SYSTEM` or postgresql.conf say for all sessions does not reach them.

        ## Secrets

        Agent, runner and scripts read a password, token or address by one rule, from a file
        (`...-file`, `..._FILE`) and from a variable: without a byte order mark at its
        beginning, and without blanks, tabs and line ends at its beginning and end. A file from
        Windows (CR LF) is as good as another. A password can't begin or end with a blank.

        ## The lease's length

        `ttl` is the same on all nodes, whatever their files say (next chapter). The leader
        renews every `ttl / 5`; its server is stopped `max(300ms, ttl / 10)` before the lease
        ends; another node may take the lease once some voter has seen no renewal for
        `ttl x 1.05`. A dead node is therefore replaced about `ttl` after it died, and a machine
        that stands still for longer than `ttl` loses its lead.
        """
                + CHANGING;
    }

    private static String row(Key key) {
        var standard = key.standard().isEmpty() ? "" : "`" + key.standard() + "`";
        return "| `%s` | %s | %s |\n".formatted(key.key(), standard, key.meaning());
    }
}
