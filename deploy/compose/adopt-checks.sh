#!/usr/bin/env bash
# What would not survive the switch to Kumki: sourced by adopt.sh, whose words and variables it uses. Changes nothing.
# shellcheck disable=SC2016 # what stands in single quotes is for the shell of a container
# shellcheck disable=SC2004,SC2034,SC2154 # variables shared with adopt.sh

check() {
    look_at_new
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
    [[ -r $RECORD || $(sql "$PRIMARY" -v role="$AGENT_ROLE" <<<"select count(*) from pg_roles where rolname = :'role';") == 0 ]] ||
        problem "a role $AGENT_ROLE that is not ours" "that name to be free" "rename it: alter role $AGENT_ROLE rename to ..."
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
    # The runner writes primary_conninfo anew. What is set is not shown: it may be a secret.
    paths=$(inside "$1" bash -c 'cd "$1"; shopt -s nullglob
        grep -HnE "^[^#]*$1" ./*.conf conf.d/*.conf | grep -vE "^[^:]*:[0-9]+: *primary_conninfo" |
            cut -d= -f1 || :' - "$DATA")
    [[ -z $paths ]] || problem "paths of the old place: ${paths//$'\n'/; }" \
        "relative ones: the directory moves to $DATA/pgdata" "correct them in these files"
    inside "$1" test ! -e "$DATA/pgdata" || problem "$DATA/pgdata exists" "that name to be free" "move it away"
    owner=$(inside "$1" stat -c %u "$DATA/PG_VERSION")
    [[ $owner == "$NEW_ACCOUNT" ]] || problem "the data belongs to account $owner" \
        "$NEW_ACCOUNT, as postgres has in POSTGRES_IMAGE" "use an image of the same family as the old one"
    free=$(inside "$1" df -Pk "$DATA" | awk 'END { print $4 }')
    used=$(inside "$1" bash -c 'du -sk "$1" 2>/dev/null || :' - "$DATA" | cut -f1)
    ((free >= 262144)) || problem "$((free / 1024)) MiB free on the disk" "256 MiB" "make room"
    ((free >= used)) || say "note: $((free / 1024)) MiB free, $((used / 1024)) MiB used: no room for a clone" \
        "beside the data"
}

# secret_text TEXT: in SECRET, without a byte order mark, and without blanks and line ends around it: files and
# variables come from Windows too. The agent reads by the same rule (docs/CONFIGURATION.md).
secret_text() {
    local blank=$' \t\r\n\v\f'
    SECRET=${1#$'\xef\xbb\xbf'}
    SECRET=${SECRET#"${SECRET%%[!"$blank"]*}"}
    SECRET=${SECRET%"${SECRET##*[!"$blank"]}"}
}

# What POSTGRES_IMAGE is, and what the operator gave.
look_at_new() {
    local -a rows=()
    mapfile -t rows < <(once 'id -u postgres
        postgres -V | grep -oE "[0-9]+" | head -n 1
        [[ -e /etc/alpine-release ]] && echo musl || echo glibc
        for name in POSTGRES_PASSWORD ODOO_PASSWORD; do
            [[ -s /given/${name,,} ]] && cat "/given/${name,,}" || printf %s "${!name}"
            echo
        done')
    NEW_ACCOUNT=${rows[0]:-} NEW_MAJOR=${rows[1]:-} NEW_LIBC=${rows[2]:-}
    secret_text "${rows[3]:-}"
    GIVEN[POSTGRES_PASSWORD]=$SECRET
    secret_text "${rows[4]:-}"
    GIVEN[ODOO_PASSWORD]=$SECRET
    [[ $NEW_LIBC == *libc* || $NEW_LIBC == musl ]] ||
        fail 65 "the new image does not run, see above. Nothing was changed. Look at POSTGRES_IMAGE in .env."
}

check_image() {
    local libc=glibc
    docker exec "$PRIMARY" test ! -e /etc/alpine-release || libc=musl
    [[ $NEW_MAJOR == "$MAJOR" ]] || problem "POSTGRES_IMAGE has PostgreSQL $NEW_MAJOR, the data is of $MAJOR" \
        "the same" "set POSTGRES_IMAGE to version $MAJOR, as in the old docker-compose.yml; upgrade before or after"
    [[ $NEW_LIBC == "$libc" ]] || problem "the old image has $libc, POSTGRES_IMAGE has $NEW_LIBC" \
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
    local anew="docker compose rm -sf pg_replica; docker volume rm ${PROJECT}_replica_data"
    running "$REPLICA" || {
        problem "the container of pg_replica does not run" "a replica that streams" \
            "start it, or have it cloned anew: $anew"
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
        "have it cloned anew: $anew"
    [[ $status == streaming ]] || problem "pg_replica does not stream" "it streams" \
        "mend it, or have it cloned anew: $anew"
    [[ $conninfo == f ]] || problem "primary_conninfo of pg_replica is a URI" "keywords (host=... user=...)" \
        "rewrite it"
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
    local name=$1 role=$2 asked candidate
    shift 2
    [[ $(sql "$PRIMARY" -v role="$role" <<<"select count(*) from pg_roles where rolname = :'role';") == 1 ]] || {
        problem "no role $role" "the role of ${name%_PASSWORD}" "set its name in .env (POSTGRES_USER, ODOO_DB_USER)"
        return
    }
    asked=${GIVEN[$name]}
    if login "$role" "not-$RANDOM$RANDOM"; then
        # Untried, so no guess: it may become the role's password.
        say "note: pg_hba.conf asks no password of $role, so it could not be tried"
        PASSWORD[$role]=$asked
    else
        for candidate in ${asked:+"$asked"} "$@"; do
            [[ -n $candidate ]] && login "$role" "$candidate" || candidate=''
            [[ -z $candidate && -z $asked ]] || break
        done
        PASSWORD[$role]=$candidate
    fi
    if [[ -z ${PASSWORD[$role]} ]]; then
        problem "the password of $role cannot be tried, or is not the one given nor the seed's" "it, as it is now" \
            "set $name in .env, or write it into secrets/${name,,}"
    elif [[ -z $asked ]]; then
        PASSWORD[keep $name]=${PASSWORD[$role]}
        say "password of $role: as in the old stack; it will be kept in secrets/${name,,}"
    fi
}

check_clients() {
    local networks others
    networks=$(docker inspect -f \
        '{{range .NetworkSettings.Networks}}{{.IPAddress}}/{{.IPPrefixLen}},{{end}}' "$PRIMARY")
    networks+=$(setting KUMKI_NETWORK | grep -oE '[0-9a-f.:]+/[0-9]+' | paste -sd, || :)
    others=$(sql "$PRIMARY" -v networks="{$networks}" <<'SQL'
select string_agg(distinct usename || ' from ' || host(client_addr), ', ') from pg_stat_activity
 where client_addr is not null
   and not client_addr <<= any (regexp_replace(:'networks', ',}', '}')::inet[] || '{127.0.0.0/8,::1}');
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
