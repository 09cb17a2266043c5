#!/usr/bin/env bash
# Who may connect: scram-sha-256 from the cluster's networks (KUMKI_NETWORK, default samenet: the networks that
# the server itself is in), the container's own root and postgres by their socket without a password, nobody
# else. Writes pg_hba.conf and pg_ident.conf whole; may run again.
(
    set -euo pipefail
    superuser=${POSTGRES_USER:-postgres}
    replicator=${KUMKI_REPLICATION_USER:-replicator}
    networks=${KUMKI_NETWORK:-samenet}

    write() { # FILE: standard input, by a rename
        cat >"$1.new"
        chmod 600 "$1.new"
        mv -f "$1.new" "$1"
    }

    for network in ${networks//,/ }; do
        if [[ ! $network =~ ^(samenet|samehost|[0-9a-fA-F.:]+/[0-9]{1,3})$ || $network == */0 ]]; then
            printf '01-hba: KUMKI_NETWORK has "%s"; expected samenet or ADDRESS/BITS, not everybody. %s\n' \
                "$network" "pg_hba.conf was not changed. Correct .env." >&2
            exit 64
        fi
    done
    {
        printf '# Written by 01-hba.sh (Kumki).\n'
        printf '# type database user address method\n'
        printf 'local all "%s" peer map=kumki\n' "$superuser"
        printf 'local all all scram-sha-256\n'
        for network in 127.0.0.1/32 ::1/128 ${networks//,/ }; do
            printf 'host all all %s scram-sha-256\n' "$network"
            printf 'host replication "%s" %s scram-sha-256\n' "$replicator" "$network"
        done
    } | write "$PGDATA/pg_hba.conf"
    {
        printf '# Written by 01-hba.sh (Kumki): accounts of the container that may be the superuser.\n'
        printf 'kumki root "%s"\nkumki postgres "%s"\n' "$superuser" "$superuser"
    } | write "$PGDATA/pg_ident.conf"
)
