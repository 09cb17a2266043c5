#!/usr/bin/env bash
# After 01-hba.sh: who comes over a network must come by TLS, this host's own bridge included: what Docker's proxy
# passes on seems to come from there. May run again.
(
    set -euo pipefail
    sed -E '/ (127\.0\.0\.1\/32|::1\/128) /!s/^host /hostssl /' \
        "$PGDATA/pg_hba.conf" >"$PGDATA/pg_hba.conf.new"
    chmod 600 "$PGDATA/pg_hba.conf.new"
    mv -f "$PGDATA/pg_hba.conf.new" "$PGDATA/pg_hba.conf"
)
