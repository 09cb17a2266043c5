#!/bin/bash
set -e

PGDATA=${PGDATA:-/var/lib/postgresql/data}

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    until pg_isready -h pg_primary -p 5432; do
        sleep 2
    done
    rm -rf "${PGDATA:?}"/*
    PGPASSWORD="$REPL_PASSWORD" pg_basebackup -h pg_primary -p 5432 -U "$REPL_USER" \
        -D "$PGDATA" -Fp -Xs -P -R -S replica_slot
    chown -R postgres:postgres "$PGDATA"
    chmod 700 "$PGDATA"
fi

exec docker-entrypoint.sh postgres "$@"
