#!/usr/bin/env bash
# The entrypoint of a PostgreSQL container: readies the volume, then becomes the runner, which waits for its
# agent's orders. Whether this server is the primary is decided by the agents at each start, never here.
#
# PGDATA is a folder inside the volume. A volume that holds its data in the root (from before Kumki, or of the
# official image's own layout) is taken over by moving it down, once, if it was readied for that by
# deploy/compose/adopt.sh; else nothing is touched.
set -euo pipefail

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
volume=${PGDATA%/*}

refuse() { # FOUND EXPECTED TODO
    printf 'node-entrypoint: found: %s. Expected: %s. Nothing was started or changed.\n%s\n' "$1" "$2" "$3" >&2
    exit 64
}

# Moves the data directory from the volume's root to PGDATA. PG_VERSION goes last: an interrupted move goes on
# at the next start, and until then PGDATA does not look like a data directory.
move_down() {
    local entry
    mkdir -p "$PGDATA"
    shopt -s nullglob dotglob
    for entry in "$volume"/*; do
        case ${entry##*/} in
            "${PGDATA##*/}" | "${PGDATA##*/}".* | PG_VERSION | kumki-adopt | kumki-salvage | lost+found) ;;
            *) mv -n -- "$entry" "$PGDATA/" ;;
        esac
    done
    mv -n -- "$volume/PG_VERSION" "$PGDATA/"
    chown "$(stat -c %u:%g "$PGDATA/PG_VERSION")" "$PGDATA"
    chmod 700 "$PGDATA"
    rm -f "$volume/kumki-adopt"
    sync -f "$PGDATA"
    printf 'node-entrypoint: moved the data directory from %s to %s\n' "$volume" "$PGDATA" >&2
}

if [[ -e $volume/PG_VERSION ]]; then
    [[ -e $volume/kumki-adopt ]] || refuse "a data directory of a stack without Kumki in $volume" \
        "one that was readied for Kumki, or an empty volume" \
        "Start the old stack again, run deploy/compose/adopt.sh, then come back (README, Adopting)."
    [[ ! -e $PGDATA/PG_VERSION ]] || refuse "data directories in both $volume and $PGDATA" "one of them" \
        "Move the one that is not wanted out of the volume."
    # The server stops cleanly when its container does; a pid of another container means nothing here.
    rm -f "$volume/postmaster.pid"
    move_down
fi

# The runner makes clones beside PGDATA.
if ((EUID == 0)) && [[ -d $volume && $(stat -c %U "$volume") == root ]]; then
    chown postgres:postgres "$volume"
fi

exec bash "$here/kumki-runner" "$@"
