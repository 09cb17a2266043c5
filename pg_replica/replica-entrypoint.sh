#!/usr/bin/env bash
# Entrypoint of pg_replica, as of pg_primary: the runner, which waits for its agent. On an empty volume the agent
# of the leader's choice orders a clone of whoever leads; after a failover this server may itself be the primary.
# May run any number of times; it changes nothing that is in order. Passwords come from files that the
# environment names (KUMKI_REPLICATION_PASSWORD_FILE), never from here.
set -euo pipefail

# A container of a stack without Kumki that restarts while this file lies over its own already: it goes on as it was
# until docker compose up makes it anew (docs/ADOPTION.md).
if [[ ! -e /usr/local/lib/kumki/node-entrypoint.sh && -s $PGDATA/PG_VERSION ]]; then
    exec docker-entrypoint.sh postgres "$@"
fi

exec bash /usr/local/lib/kumki/node-entrypoint.sh "$@"
