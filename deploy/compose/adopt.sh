#!/usr/bin/env bash
# Readies a running stack of pg_primary and pg_replica that knows no Kumki for this folder's docker-compose.yml,
# which then moves its volumes over without copying or losing anything (docs/ADOPTION.md).
#
# Run it in the folder of the old stack, with our files over the old ones, while the old stack is up:
#
#   deploy/compose/adopt.sh            checks everything, then readies the stack, which goes on running as it is
#   deploy/compose/adopt.sh --check    only checks
#   deploy/compose/adopt.sh --undo     takes it back; until docker compose up was run
#   deploy/compose/adopt.sh --finish [SLOT]
#                                      after docker compose up: drops the old replica's slot and the kept files
#
# Each may run again. Exit codes: 0 done, 64 wrong use, 65 something is in the way, 69 something is missing.
# shellcheck disable=SC2016 # what stands in single quotes is for the shell of a container
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly RECORD=secrets/adopted REPLICATOR=replicator AGENT_ROLE=kumki
PROBLEMS=0 ALONE=no PRIMARY='' REPLICA='' SUPERUSER='' PROJECT='' CONFIG='' DATA='' SLOT=''
declare -A PASSWORD=() GIVEN=()

# shellcheck source=deploy/compose/adopt-checks.sh
source deploy/compose/adopt-checks.sh

# --- words -------------------------------------------------------------------------------------------------

say() { printf 'adopt: %s\n' "$*"; }

fail() { # EXIT-CODE TEXT...
    local code=$1
    shift
    printf 'adopt: %s\n' "$@" >&2
    exit "$code"
}

# problem FOUND EXPECTED DO: all of them are told before anything is refused.
problem() {
    PROBLEMS=$((PROBLEMS + 1))
    printf 'adopt: found: %s\n       expected: %s\n       do: %s\n' "$1" "$2" "$3" >&2
}

# --- docker --------------------------------------------------------------------------------------------------

# once COMMAND: in the new image, with the secrets at /secrets/server and what the operator gave.
once() {
    docker compose --progress quiet run --rm -T --no-deps --entrypoint /bin/bash secrets -c "$1" </dev/null
}

inside() { # CONTAINER COMMAND...: as the server's account
    docker exec -i -u postgres "$@"
}

# Over defaults for all sessions, which may break ours.
readonly PINNED='-c default_transaction_isolation=read\ committed -c default_transaction_read_only=off
    -c default_transaction_deferrable=off -c statement_timeout=0 -c lock_timeout=0
    -c idle_in_transaction_session_timeout=0 -c search_path=pg_catalog -c standard_conforming_strings=on'

# sql CONTAINER [PSQL-OPTION...]: standard input, as superuser, unlogged, for passwords go this way too.
sql() {
    local container=$1
    shift
    {
        printf '%s\n' "set log_statement = 'none';" 'set log_min_duration_statement = -1;' \
            "set log_min_error_statement = 'panic';" "set password_encryption = 'scram-sha-256';" \
            'set synchronous_commit = local;'
        cat
    } | inside -e PGOPTIONS="$PINNED" "$container" psql -XAtqw -v ON_ERROR_STOP=1 -U "$SUPERUSER" -d postgres "$@"
}

# setting NAME: of our docker-compose.yml, with .env.
setting() {
    sed -n "s/^ *$1: *//p" <<<"$CONFIG" | sed -n '1{s/^"\(.*\)"$/\1/;p}'
}

# psql's \set reads a quoted word.
quoted() {
    local text=${1//\\/\\\\}
    printf "'%s'" "${text//\'/\\\'}"
}

under_kumki() { # CONTAINER
    # Not -q: a docker whose reader left early fails, and with it the pipe.
    docker inspect -f '{{range .Config.Env}}{{println .}}{{end}}' "$1" | grep '^KUMKI_NODE=' >/dev/null
}

running() { # CONTAINER
    [[ $(docker inspect -f '{{.State.Running}}' "$1") == true ]]
}

find_stack() {
    docker info >/dev/null || fail 69 "no docker engine answers. Nothing was done."
    CONFIG=$(docker compose config) || fail 64 "docker-compose.yml or .env is not valid. Nothing was done."
    PROJECT=$(sed -n 's/^name: //p' <<<"$CONFIG")
    grep -q 'KUMKI_NODE: pg-primary' <<<"$CONFIG" || fail 64 \
        "docker-compose.yml here is not Kumki's. Expected: our files over the old ones. Nothing was done."
    PRIMARY=$(docker compose ps -aq pg_primary)
    REPLICA=$(docker compose ps -aq pg_replica)
    [[ -n $PRIMARY ]] || fail 65 "found: project $PROJECT has no container of the service pg_primary." \
        "expected: the old stack, up. Nothing was done." \
        "do: run this in the old stack's folder, or set COMPOSE_PROJECT_NAME in .env to its name; start it."
    running "$PRIMARY" || fail 65 "found: the container of pg_primary does not run. Nothing was done." \
        "do: start the old stack with its old docker-compose.yml (docs/ADOPTION.md, Wrong order)."
    SUPERUSER=$(docker exec "$PRIMARY" printenv POSTGRES_USER || printf postgres)
}

# --- changes: from here to the markers every failure is undone ---------------------------------------------------

ready_stack() {
    make_secrets
    trap 'undone $?' EXIT
    trap 'exit 130' INT TERM
    make_roles
    [[ $ALONE == yes ]] || tell_replica
    restrict "$PRIMARY"
    [[ $ALONE == yes ]] || restrict "$REPLICA"
    verify
    mark
    trap - EXIT
}

undone() {
    local code=$1
    trap - EXIT INT TERM
    printf 'adopt: failed, see above; taking back what was changed\n' >&2
    undo
    exit "$((code == 0 ? 70 : code))"
}

make_secrets() {
    local name
    mkdir -p secrets
    for name in POSTGRES_PASSWORD ODOO_PASSWORD; do
        [[ -n ${PASSWORD[keep $name]:-} ]] || continue
        (umask 077 && printf '%s' "${PASSWORD[keep $name]}" >"secrets/${name,,}")
    done
    # Nothing uses what an attempt in the wrong order may have generated.
    docker compose --progress quiet run --rm -T --no-deps secrets replace </dev/null ||
        fail 65 "the secrets could not be made, see above. The servers were not changed."
    printf 'slot=%s\n' "$SLOT" >"$RECORD"
    mapfile -t NEW < <(once 'cat /secrets/server/replication; echo; cat /secrets/server/kumki; echo')
    [[ -n ${NEW[0]:-} && -n ${NEW[1]:-} ]] || fail 65 "the secrets could not be read. The servers were not changed."
}

make_roles() {
    local role
    # The replicator's present verifier, for --undo; it stands in the data directory anyway.
    inside "$PRIMARY" test -e "$DATA/kumki-adopt.verifier" || sql "$PRIMARY" -v role=$REPLICATOR -v data="$DATA" <<'SQL'
select format('copy (select rolpassword from pg_authid where rolname = %L) to %L', :'role',
    :'data' || '/kumki-adopt.verifier') \gexec
SQL
    inside "$PRIMARY" chmod 600 "$DATA/kumki-adopt.verifier"
    {
        printf '%s\n' "${NEW[@]}"
        cat deploy/node/kumki-role.sh
    } | inside -e POSTGRES_USER="$SUPERUSER" -e KUMKI_REPLICATION_USER=$REPLICATOR -e KUMKI_POSTGRES_USER=$AGENT_ROLE \
        -e KUMKI_WRITE_PROBE="$(setting KUMKI_WRITE_PROBE)" "$PRIMARY" bash -c '
        IFS= read -r KUMKI_REPLICATION_PASSWORD; IFS= read -r KUMKI_POSTGRES_PASSWORD
        export KUMKI_REPLICATION_PASSWORD KUMKI_POSTGRES_PASSWORD; exec bash -s'
    # The same passwords, stored so that scram-sha-256 can use them.
    for role in "$SUPERUSER" "$(setting ODOO_DB_USER)"; do
        {
            printf '\\set password %s\n' "$(quoted "${PASSWORD[$role]}")"
            cat <<'SQL'
select format('alter role %I password %L', rolname, :'password') from pg_authid
 where rolname = :'role' and coalesce(rolpassword, '') not like 'SCRAM%' \gexec
SQL
        } | sql "$PRIMARY" -v role="$role"
    done
}

# keep_file CONTAINER FILE: as it was before the first attempt.
keep_file() {
    inside "$1" bash -c 'cd "$1" || exit
        [[ -e $2.before-kumki ]] || { cp -p "$2" "$2.new" && mv -T "$2.new" "$2.before-kumki"; }' - "$DATA" "$2"
}

# The replica gets the replicator's new password, or it could not come back after a break. In a file: PostgreSQL logs
# a changed primary_conninfo with all that is in it.
tell_replica() {
    keep_file "$REPLICA" postgresql.auto.conf
    printf '%s\n' "${NEW[0]}" | inside "$REPLICA" bash -c 'umask 077
        IFS= read -r password && password=${password//\\/\\\\} &&
            printf "*:*:*:%s:%s\n" "$2" "${password//:/\\:}" >"$1/kumki-adopt.passfile"' - "$DATA" $REPLICATOR
    # The last word counts, and an empty password sends libpq to the file.
    sql "$REPLICA" -v role=$REPLICATOR -v word=" password='' passfile='$DATA/kumki-adopt.passfile'" <<'SQL'
select format('alter system set primary_conninfo = %L', current_setting('primary_conninfo') || :'word')
 where right(current_setting('primary_conninfo'), length(:'word')) <> :'word'
   and current_setting('primary_conninfo') ~ ('user=''?' || :'role') \gexec
select pg_reload_conf() \g /dev/null
SQL
}

# restrict CONTAINER: who may connect, by our rules; the old file is kept.
restrict() {
    local file
    for file in pg_hba.conf pg_ident.conf; do
        keep_file "$1" "$file"
    done
    inside -e PGDATA="$DATA" -e POSTGRES_USER="$SUPERUSER" -e KUMKI_NETWORK="$(setting KUMKI_NETWORK)" \
        -e KUMKI_REPLICATION_USER=$REPLICATOR "$1" bash -s <pg_primary/01-hba.sh
    sql "$1" <<<'select pg_reload_conf() \g /dev/null'
}

verify() {
    local role tries
    PASSWORD[$AGENT_ROLE]=${NEW[1]}
    for role in "$SUPERUSER" "$(setting ODOO_DB_USER)" $AGENT_ROLE; do
        login "$role" "${PASSWORD[$role]}" || fail 70 "$role cannot log in by the new rules"
    done
    [[ $ALONE == no ]] || return 0
    for ((tries = 0; tries < 60; tries++)); do
        [[ $(sql "$REPLICA" <<<'select status from pg_stat_wal_receiver') != streaming ]] || return 0
        sleep 0.5
    done
    fail 70 "the replica does not stream by the new rules (docker compose logs pg_replica)"
}

# The markers come last: without them our docker-compose.yml touches nothing.
mark() {
    sql "$PRIMARY" <<<'checkpoint'
    [[ $ALONE == yes ]] || inside "$REPLICA" bash -c ': >"$1/kumki-adopt" && sync "$1/kumki-adopt"' - "$DATA"
    inside "$PRIMARY" bash -c ': >"$1/kumki-adopt" && sync "$1/kumki-adopt"' - "$DATA"
}

# --- undo and finish ---------------------------------------------------------------------------------------------

undo() {
    local container
    [[ -n $DATA ]] || DATA=$(sql "$PRIMARY" <<<'show data_directory')
    for container in "$PRIMARY" $REPLICA; do
        running "$container" || {
            printf 'adopt: a container does not run; start it and run adopt.sh --undo again\n' >&2
            continue
        }
        inside "$container" bash -c 'cd "$1" && rm -f kumki-adopt && for file in *.before-kumki; do
            [[ ! -e $file ]] || mv -f "$file" "${file%.before-kumki}"; done' - "$DATA"
        sql "$container" <<<'select pg_reload_conf() \g /dev/null'
        inside "$container" rm -f "$DATA/kumki-adopt.passfile"
    done
    sql "$PRIMARY" -v role=$REPLICATOR -v agent=$AGENT_ROLE -v file="$DATA/kumki-adopt.verifier" <<'SQL'
create temp table before (verifier text);
select format('copy before from %L', :'file') where (pg_stat_file(:'file', true)).size is not null \gexec
select format('alter role %I password %L', :'role', verifier) from before where verifier is not null \gexec
revoke execute on function pg_catalog.pg_ls_dir(text, boolean, boolean), pg_catalog.pg_stat_file(text, boolean),
    pg_catalog.pg_read_binary_file(text), pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean) from :"role";
select format('drop owned by %I cascade', rolname) from pg_roles where rolname = :'agent' \gexec
select format('drop role %I', rolname) from pg_roles where rolname = :'agent' \gexec
SQL
    inside "$PRIMARY" rm -f "$DATA/kumki-adopt.verifier"
    rm -f "$RECORD"
    say "taken back: the old stack is as it was. The secrets that were made are kept for another time."
}

# After the switch: nobody streams through the old slot, which keeps WAL.
finish() {
    local container slot=${1:-} leader=''
    [[ -n $slot || ! -r $RECORD ]] || slot=$(sed -n 's/^slot=//p' "$RECORD")
    { [[ -n $REPLICA ]] && running "$REPLICA"; } || fail 65 "found: pg_replica does not run. Nothing was done."
    for container in "$PRIMARY" "$REPLICA"; do
        [[ $(sql "$container" <<<"select not pg_is_in_recovery() and exists (select from pg_replication_slots
            where slot_name like 'kumki\\_%' and active)") != t ]] || leader=$container
    done
    [[ -n $leader ]] || fail 65 "found: no leader that a replica streams from through its slot kumki_..." \
        "expected: docker compose up -d --wait has made the stack healthy. Nothing was done."
    for container in "$PRIMARY" "$REPLICA"; do
        [[ -z $slot ]] || sql "$container" -v slot="$slot" <<'SQL'
select 'adopt: dropped the slot ' || slot_name || pg_drop_replication_slot(slot_name)::text from pg_replication_slots
 where slot_name = :'slot' and slot_type = 'physical' and not active;
SQL
        inside "$container" bash -c 'rm -f "$PGDATA"/*.before-kumki "$PGDATA"/kumki-adopt.*'
        sql "$container" <<'SQL'
select format('adopt: note: the slot %s is not Kumki''s and nobody uses it; it keeps WAL. If it is of no use:'
    ' deploy/compose/adopt.sh --finish %s', slot_name, slot_name)
  from pg_replication_slots where slot_name not like 'kumki\_%' and not active;
SQL
    done
    rm -f "$RECORD"
    say "finished: the stack is Kumki's"
}

main() {
    local mode=${1:---all}
    [[ $mode == --@(all|check|undo|finish) && ($# -le 1 || $mode == --finish && $# -eq 2) ]] ||
        fail 64 "\"$*\" is unknown; expected nothing, --check, --undo or --finish [SLOT]. Nothing was done."
    find_stack
    if [[ $mode == --finish ]]; then
        under_kumki "$PRIMARY" || fail 65 "the switch was not made yet: docker compose up -d --wait. Nothing was done."
        finish "${2:-}"
        return
    fi
    if under_kumki "$PRIMARY"; then
        [[ $mode == --undo ]] || { say "this stack runs under Kumki already; nothing to do"; return; }
        fail 65 "the switch was made. Nothing was done. The way back is in docs/ADOPTION.md, Way back."
    fi
    if [[ $mode == --undo && -n $REPLICA ]] && under_kumki "$REPLICA"; then
        fail 65 "pg_replica was switched already, pg_primary was not. Nothing was done." \
            "Finish the switch: docker compose up -d --wait; or remove pg_replica and its volume first."
    fi
    case $mode in
        --undo) undo ;;
        --check)
            check
            say "nothing in the way. Nothing was changed."
            ;;
        *)
            check
            ready_stack
            say "ready; the old stack runs on as before. Now: docker compose up -d --wait --timeout 120" \
                "then, once it is healthy: deploy/compose/adopt.sh --finish"
            ;;
    esac
}

main "$@"
