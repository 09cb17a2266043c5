#!/usr/bin/env bash
# The agent's role, which is no superuser, and what the replicator may read for pg_rewind. May run again.
(
    set -euo pipefail
    exec bash /usr/local/lib/kumki/kumki-role.sh
)
