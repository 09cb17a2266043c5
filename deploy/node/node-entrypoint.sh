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
name=${PGDATA##*/}

refuse() { # FOUND EXPECTED TODO
    printf 'node-entrypoint: found: %s. Expected: %s. Nothing was started.\n%s\n' "$1" "$2" "$3" >&2
    exit 64
}

# ours NAME: it belongs into the volume's root.
ours() {
    [[ $1 == @("$name"|"$name".*|PG_VERSION|kumki-adopt|kumki-salvage|lost+found) ]]
}

# What cannot be moved down, or not be run afterwards.
check_old() {
    local link owner account
    [[ -e $volume/kumki-adopt ]] || refuse "a data directory of a stack without Kumki in $volume" \
        "one that was readied for Kumki, or an empty volume" \
        "Start the old stack again, run deploy/compose/adopt.sh, then come back (docs/ADOPTION.md)."
    [[ ! -e $PGDATA/PG_VERSION ]] || refuse "data directories in both $volume and $PGDATA" "one of them" \
        "Move the one that is not wanted out of the volume."
    owner=$(stat -c %u "$volume/PG_VERSION") account=$(id -u postgres)
    [[ $owner == "$account" ]] || refuse "data of account $owner in $volume" "of $account, this image's postgres" \
        "Use an image of the family that the data was made with (docs/ADOPTION.md)."
    [[ $(<"$volume/PG_VERSION") == "${PG_MAJOR:-$(<"$volume/PG_VERSION")}" ]] || refuse \
        "data of PostgreSQL $(<"$volume/PG_VERSION") in $volume" "of version ${PG_MAJOR:-}, as the image is" \
        "Set POSTGRES_IMAGE to the old version."
    link=$(find "$volume" "$PGDATA" -maxdepth 2 -type l -print -quit 2>/dev/null || :)
    [[ -z $link ]] || refuse "the link $link (a tablespace, or WAL elsewhere)" "a data directory in one folder" \
        "Start the old stack again and move what it leads to into its place (docs/ADOPTION.md)."
}

# Moves the data directory from the volume's root to PGDATA by renames. PG_VERSION goes last: an interrupted move
# goes on at the next start, and until then PGDATA does not look like a data directory.
move_down() {
    local entry
    mkdir -p "$PGDATA"
    chown --reference "$volume/PG_VERSION" "$PGDATA"
    chmod 700 "$PGDATA"
    # Of a server that was killed: the engine ended it with its container, and a pid of another container means
    # nothing here.
    rm -f "$volume/postmaster.pid"
    shopt -s nullglob dotglob
    # Whether mv -n says that it skipped one differs from version to version; the loop below does.
    for entry in "$volume"/*; do
        ours "${entry##*/}" || mv -n -T -- "$entry" "$PGDATA/${entry##*/}" || :
    done
    for entry in "$volume"/*; do
        ours "${entry##*/}" || refuse "$entry, which is in $PGDATA already" "it in one place" \
            "Compare the two and move the wrong one out of the volume; the rest was moved and stays where it is."
    done
    [[ -s $PGDATA/global/pg_control ]] || refuse "no global/pg_control in $PGDATA" "a whole data directory" \
        "Look at what is in the volume."
    sync -f "$PGDATA"
    mv -n -T -- "$volume/PG_VERSION" "$PGDATA/PG_VERSION"
    sync -f "$PGDATA"
    rm -f "$volume/kumki-adopt"
    printf 'node-entrypoint: moved the data directory from %s to %s\n' "$volume" "$PGDATA" >&2
}

if [[ -e $volume/PG_VERSION ]]; then
    check_old
    move_down
else
    rm -f "$volume/kumki-adopt"
fi

# The runner makes clones beside PGDATA.
if ((EUID == 0)) && [[ -d $volume && $(stat -c %U "$volume") == root ]]; then
    chown postgres:postgres "$volume"
fi

exec bash "$here/kumki-runner" "$@"
