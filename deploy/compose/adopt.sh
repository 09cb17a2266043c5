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
PROBLEMS=0 ALONE=no PRIMARY='' REPLICA='' SUPERUSER='' PROJECT='' CONFIG='' DATA='' SLOT='' NEWER=''
declare -A PASSWORD=()

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

# sql CONTAINER [PSQL-OPTION...]: standard input, as superuser, unlogged, for passwords go this way too.
sql() {
    local container=$1
    shift
    {
        printf '%s\n' "set log_statement = 'none';" 'set log_min_duration_statement = -1;' \
            "set log_min_error_statement = 'panic';" "set password_encryption = 'scram-sha-256';" \
            'set synchronous_commit = local;'
        cat
    } | inside "$container" psql -XAtqw -v ON_ERROR_STOP=1 -U "$SUPERUSER" -d postgres "$@"
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
    docker inspect -f '{{range .Config.Env}}{{println .}}{{end}}' "$1" | grep -q '^KUMKI_NODE='
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

# --- checks ----------------------------------------------------------------------------------------------------

check() {
    check_primary
    check_volume "$PRIMARY" primary_data
    check_files "$PRIMARY"
    check_image
    check_settings
    if [[ -n $REPLICA ]]; then
        check_replica
    else
        check_alone
    fi
    check_password POSTGRES_PASSWORD "$SUPERUSER" "$(docker exec "$PRIMARY" printenv POSTGRES_PASSWORD || :)" postgres
    check_password ODOO_PASSWORD "$(setting ODOO_DB_USER)" odoo
    check_clients
    ((PROBLEMS == 0)) || fail 65 "$PROBLEMS thing(s) in the way, see above. Nothing was changed; the old stack runs on."
}

check_primary() {
    local recovery major identity checksums hints tablespaces super timeline
    IFS='|' read -r recovery major identity DATA checksums hints tablespaces super timeline < <(sql "$PRIMARY" <<'SQL'
select pg_is_in_recovery(), current_setting('server_version_num')::int / 10000, system_identifier,
       current_setting('data_directory'), current_setting('data_checksums'), current_setting('wal_log_hints'),
       (select count(*) from pg_tablespace) - 2, (select rolsuper from pg_roles where rolname = current_user),
       timeline_id
  from pg_control_system(), pg_control_checkpoint();
SQL
    ) || fail 65 "found: psql as $SUPERUSER through the socket in pg_primary fails. Nothing was changed." \
        "expected: the superuser of POSTGRES_USER may log in there (pg_hba.conf: local all all trust or peer)."
    say "primary: PostgreSQL $major, system $identity, timeline $timeline, data in $DATA, superuser $SUPERUSER"
    IDENTITY=$identity MAJOR=$major
    [[ $recovery == f ]] || problem "pg_primary is a standby" "the primary" \
        "make it the primary again, or let pg_primary and pg_replica change their volumes"
    [[ $super == t ]] || problem "$SUPERUSER is no superuser" "one" "set POSTGRES_USER to the superuser's name"
    ((major >= 13 && major <= 18)) || problem "PostgreSQL $major" "13 to 18" "upgrade it first"
    ((tablespaces == 0)) || problem "$tablespaces tablespace(s)" "none: a clone would want the same folders" \
        "move their tables to pg_default and drop them"
    [[ $checksums == on || $hints == on ]] ||
        say "note: neither checksums nor wal_log_hints: Kumki turns wal_log_hints on with the switch, for pg_rewind"
    [[ $(setting POSTGRES_USER) == "$SUPERUSER" ]] || problem \
        "POSTGRES_USER is $(setting POSTGRES_USER) in .env and $SUPERUSER in the old stack" "the same" \
        "set POSTGRES_USER=$SUPERUSER in .env"
}

# check_volume CONTAINER VOLUME: its data is the root of the volume that our stack will mount.
check_volume() {
    local volume target
    volume=$(docker inspect -f "{{range .Mounts}}{{if eq .Destination \"$DATA\"}}{{.Name}}{{end}}{{end}}" "$1")
    [[ $volume == "${PROJECT}_$2" ]] || problem "the data directory $DATA is on volume \"$volume\"" \
        "the volume ${PROJECT}_$2, at its root" "copy the data there, or set COMPOSE_PROJECT_NAME"
    target=$(awk -v source="source: $2" 'index($0, source) { getline; print $2; exit }' <<<"$CONFIG")
    [[ $target == "$DATA" ]] || problem "our stack mounts $2 at $target" "at $DATA, as the old one" \
        "set POSTGRES_VOLUME=$DATA in .env"
}

check_files() { # CONTAINER
    local links paths owner free used
    links=$(inside "$1" find "$DATA" -maxdepth 2 -type l)
    [[ -z $links ]] || problem "links that lead out of the data directory: ${links//$'\n'/, }" \
        "all of it in one folder" "stop the server and move what they lead to into their place"
    paths=$(inside "$1" bash -c 'cd "$1"; shopt -s nullglob; grep -HnE "^[^#]*$1" ./*.conf conf.d/*.conf || :' - "$DATA")
    [[ -z $paths ]] || problem "paths of the old place: ${paths//$'\n'/; }" \
        "relative ones: the directory moves to $DATA/pgdata" "correct them in these files"
    inside "$1" test ! -e "$DATA/pgdata" || problem "$DATA/pgdata exists" "that name to be free" "move it away"
    owner=$(inside "$1" stat -c %u "$DATA/PG_VERSION")
    [[ -n $NEWER ]] || NEWER=$(once '[[ -e /etc/alpine-release ]] && libc=musl || libc=glibc
        printf "%s %s %s" "$(id -u postgres)" "$libc" "$(postgres -V | grep -oE "[0-9]+" | head -n 1)"') ||
        fail 65 "the new image does not run, see above. Nothing was changed. Look at POSTGRES_IMAGE in .env."
    [[ $owner == "${NEWER%% *}" ]] || problem "the data belongs to account $owner" \
        "${NEWER%% *}, as postgres has in POSTGRES_IMAGE" "use an image of the same family as the old one"
    free=$(inside "$1" df -Pk "$DATA" | awk 'END { print $4 }')
    used=$(inside "$1" bash -c 'du -sk "$1" 2>/dev/null || :' - "$DATA" | cut -f1)
    ((free >= 262144)) || problem "$((free / 1024)) MiB free on the disk" "256 MiB" "make room"
    ((free >= used)) || say "note: $((free / 1024)) MiB free, $((used / 1024)) MiB used: no room for a clone beside the data"
}

check_image() {
    local libc=glibc new_libc major
    read -r _ new_libc major <<<"$NEWER"
    docker exec "$PRIMARY" test ! -e /etc/alpine-release || libc=musl
    [[ $major == "$MAJOR" ]] || problem "POSTGRES_IMAGE has PostgreSQL $major, the data is of $MAJOR" "the same" \
        "set POSTGRES_IMAGE to version $MAJOR, as in the old docker-compose.yml; upgrade before or after"
    [[ $new_libc == "$libc" ]] || problem "the old image has $libc, POSTGRES_IMAGE has $new_libc" \
        "the same, for they sort text differently" "dump and restore instead (docs/ADOPTION.md, Alpine)"
    [[ $libc == glibc ]] || problem "an Alpine image" "one with glibc: Kumki's runner needs its setpriv" \
        "dump and restore instead (docs/ADOPTION.md, Alpine)"
}

# What stood on the old command line and nowhere else would be gone with it.
check_settings() {
    local lost
    lost=$(sql "$PRIMARY" <<'SQL'
select format('ALTER SYSTEM SET %I = %L;', s.name, current_setting(s.name))
  from pg_settings s
 where s.source = 'command line'
   and s.name not in ('listen_addresses', 'wal_level', 'max_wal_senders', 'max_replication_slots', 'log_statement',
                      'hot_standby_feedback', 'wal_log_hints', 'wal_keep_size', 'hot_standby', 'port',
                      'wal_receiver_status_interval', 'wal_retrieve_retry_interval', 'max_slot_wal_keep_size',
                      'synchronous_standby_names')
   and not exists (select from pg_file_settings f where f.name = s.name and f.error is null
                      and f.seqno = (select max(seqno) from pg_file_settings l where l.name = s.name)
                      and f.setting in (s.setting, current_setting(s.name)));
SQL
    )
    [[ -z $lost ]] || problem "settings only on the old command line: ${lost//$'\n'/ }" \
        "them in the data directory, or our docker-compose.yml would start without" \
        "run these statements as superuser on pg_primary, and on pg_replica too"
}

check_replica() {
    local recovery identity status sender conninfo
    running "$REPLICA" || {
        problem "the container of pg_replica does not run" "a replica that streams" \
            "start it, or have it cloned anew: docker compose rm -sf pg_replica; docker volume rm ${PROJECT}_replica_data"
        return
    }
    IFS='|' read -r recovery identity status sender SLOT conninfo < <(sql "$REPLICA" <<'SQL'
select pg_is_in_recovery(), system_identifier, status, sender_host, slot_name,
       current_setting('primary_conninfo') ~ '^postgres(ql)?:'
  from pg_control_system() left join pg_stat_wal_receiver on true;
SQL
    ) || {
        problem "psql through the socket in pg_replica fails" "an answer" "look at: docker compose logs pg_replica"
        return
    }
    say "replica: system $identity, ${status:-not streaming} from ${sender:-nobody}, slot ${SLOT:-none}"
    [[ $recovery == t ]] || problem "pg_replica is no standby" "a standby of pg_primary" "find out which data is right"
    [[ $identity == "$IDENTITY" ]] || problem "pg_replica holds another cluster, $identity" "$IDENTITY" \
        "have it cloned anew: docker compose rm -sf pg_replica; docker volume rm ${PROJECT}_replica_data"
    [[ $status == streaming ]] || problem "pg_replica does not stream" "it streams" \
        "mend it, or have it cloned anew: docker compose rm -sf pg_replica; docker volume rm ${PROJECT}_replica_data"
    [[ $conninfo == f ]] || problem "primary_conninfo of pg_replica is a URI" "keywords (host=... user=...)" "rewrite it"
    check_volume "$REPLICA" replica_data
    check_files "$REPLICA"
}

# No container of the replica: Kumki clones one, into an empty volume only.
check_alone() {
    ALONE=yes
    if docker volume inspect "${PROJECT}_replica_data" >/dev/null 2>&1 &&
        [[ -n $(docker compose --progress quiet run --rm -T --no-deps -v "${PROJECT}_replica_data:/look:ro" \
            --entrypoint /bin/ls secrets -A /look </dev/null) ]]; then
        problem "no container of pg_replica, but data in the volume ${PROJECT}_replica_data" \
            "a replica that streams, or an empty volume" "start it, or docker volume rm ${PROJECT}_replica_data"
    else
        say "replica: none; Kumki will clone one"
    fi
}

# login ROLE PASSWORD: by the network, where pg_hba.conf wants one. The password goes by standard input.
login() {
    printf '%s\n' "$2" | inside "$PRIMARY" bash -c 'IFS= read -r PGPASSWORD; export PGPASSWORD
        own=$(hostname -i); exec psql -XAtqw -h "${own%% *}" -U "$1" -d postgres -c "select"' - "$1" >/dev/null 2>&1
}

# check_password NAME ROLE GUESS...: what .env or secrets/ gives, else what the old stack has; it must be right.
check_password() {
    local name=$1 role=$2 asked=PGSOMETHINGWRONG candidate
    shift 2
    [[ $(sql "$PRIMARY" -v role="$role" <<<"select count(*) from pg_roles where rolname = :'role';") == 1 ]] || {
        problem "no role $role" "the role of ${name%_PASSWORD}" "set its name in .env (POSTGRES_USER, ODOO_DB_USER)"
        return
    }
    asked=$(once "file=/given/${name,,}; [[ -s \$file ]] && cat \$file || printf %s \"\${$name}\"")
    if login "$role" "not-$RANDOM$RANDOM"; then
        say "note: pg_hba.conf asks no password of $role, so it could not be tried"
        PASSWORD[$role]=${asked:-$1}
    else
        for candidate in ${asked:+"$asked"} "$@"; do
            [[ -n $candidate ]] && login "$role" "$candidate" || candidate=''
            [[ -z $candidate && -z $asked ]] || break
        done
        PASSWORD[$role]=$candidate
    fi
    if [[ -z ${PASSWORD[$role]} ]]; then
        problem "the password of $role is not the one given, nor the seed's" "it, as it is now" \
            "set $name in .env, or write it into secrets/${name,,}"
    elif [[ -z $asked ]]; then
        PASSWORD[keep $name]=${PASSWORD[$role]}
        say "password of $role: as in the old stack; it will be kept in secrets/${name,,}"
    fi
}

check_clients() {
    local networks others
    networks=$(docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}/{{.IPPrefixLen}},{{end}}' "$PRIMARY")
    others=$(sql "$PRIMARY" -v networks="{$networks$(setting KUMKI_NETWORK | grep -oE '[0-9a-f.:]+/[0-9]+' | paste -sd, || :)}" <<'SQL'
select string_agg(distinct usename || ' from ' || host(client_addr), ', ') from pg_stat_activity
 where client_addr is not null and not client_addr <<= any (regexp_replace(:'networks', ',}', '}')::inet[] || '{127.0.0.0/8,::1}');
SQL
    )
    [[ -z $others ]] || say "note: clients from other networks: $others. After the switch these may connect only" \
        "if BIND and KUMKI_NETWORK in .env let them (docs/ADOPTION.md)"
    others=$(sql "$PRIMARY" -v known="{$REPLICATOR,$AGENT_ROLE,$SUPERUSER,$(setting ODOO_DB_USER)}" <<'SQL'
select string_agg(rolname, ', ') from pg_authid
 where rolcanlogin and rolpassword like 'md5%' and not rolname = any (:'known'::text[]);
SQL
    )
    [[ -z $others ]] || say "note: $others: the password is stored as md5 and must be set again, for only" \
        "scram-sha-256 may log in after the switch"
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
select format('copy (select rolpassword from pg_authid where rolname = %L) to %L', :'role', :'data' || '/kumki-adopt.verifier') \gexec
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

# The replica gets the replicator's new password, or it could not come back after a break.
tell_replica() {
    inside "$REPLICA" cp -n "$DATA/postgresql.auto.conf" "$DATA/postgresql.auto.conf.before-kumki"
    {
        printf '\\set password %s\n' "$(quoted "${NEW[0]}")"
        cat <<'SQL'
with new as (select ' password=''' || replace(replace(:'password', '\', '\\'), '''', '\''') || '''' as word)
select format('alter system set primary_conninfo = %L', current_setting('primary_conninfo') || word) from new
 where right(current_setting('primary_conninfo'), length(word)) <> word
   and current_setting('primary_conninfo') ~ ('user=''?' || :'role') \gexec
select pg_reload_conf() \g /dev/null
SQL
    } | sql "$REPLICA" -v role=$REPLICATOR
}

# restrict CONTAINER: who may connect, by our rules; the old file is kept.
restrict() {
    local file
    for file in pg_hba.conf pg_ident.conf; do
        inside "$1" cp -n "$DATA/$file" "$DATA/$file.before-kumki"
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
        inside "$container" bash -c 'rm -f "$PGDATA"/*.before-kumki "$PGDATA/kumki-adopt.verifier"'
        sql "$container" <<'SQL'
select 'adopt: note: the slot ' || slot_name || ' is not Kumki''s and nobody uses it; it keeps WAL. If it is of no use: adopt.sh --finish '
       || slot_name from pg_replication_slots where slot_name not like 'kumki\_%' and not active;
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
