#!/usr/bin/env bash
# Two servers archive into one pgBackRest repository by kumki-pgbackrest. The primary dies with WAL that
# it could not archive, the standby is promoted to a timeline beyond a gap, and everything is restored.
# Run as the servers' user, in the checkout's copy of deploy/backup:
#
# Usage: two-archivers.sh KUMKI-PGBACKREST FOLDER PORT-1 PORT-2      (FOLDER is made and stays)
set -euo pipefail

readonly SCRIPT=$1 FOLDER=$2
declare -rA PORT=([a]=$3 [b]=$4)
PATH=${KUMKI_PGBIN:-$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)}:$PATH
export PATH LC_ALL=C

stop_all() {
    local one
    for one in a b end moment; do
        [[ ! -e $FOLDER/$one/postmaster.pid ]] || pg_ctl -D "$FOLDER/$one" -m immediate stop >/dev/null || true
    done
}

ask() {
    local server=$1
    shift
    psql -XAtq -v ON_ERROR_STOP=1 -h "$FOLDER" -p "${PORT[$server]}" -U postgres "${@/#/-c}"
}

configure() {
    cat >"$FOLDER/$1.conf" <<END
[global]
repo1-path=$FOLDER/repository
repo1-retention-full=2
start-fast=y
archive-mode-check=n
log-path=$FOLDER/log
lock-path=$FOLDER/lock/$1
spool-path=$FOLDER/lock/$1
log-level-console=warn
[odoo]
pg1-path=$FOLDER/$1
pg1-port=${PORT[$1]}
pg1-socket-path=$FOLDER
pg1-user=postgres
END
}

start() {
    local command="PGBACKREST_CONFIG=$FOLDER/$1.conf KUMKI_PATIENCE=20 bash $SCRIPT push odoo %p %f"
    pg_ctl -D "$FOLDER/$1" -o "-p ${PORT[$1]} -c archive_command='$command'" -l "$FOLDER/$1.log" -w start >/dev/null
}

with() {
    local server=$1
    shift
    PGBACKREST_CONFIG=$FOLDER/$server.conf "$@"
}

# expect WHAT WANTED FOUND
expect() {
    [[ $2 == "$3" ]] || {
        printf '%s: expected %s, found %s\n' "$1" "$2" "$3" >&2
        exit 1
    }
}

count() {
    pg_ctl -D "$FOLDER/$1" -o "-p ${PORT[a]} -c archive_mode=off" -l "$FOLDER/$1.log" -w start >/dev/null
    ask a 'select count(*) from kept'
    pg_ctl -D "$FOLDER/$1" -m fast stop >/dev/null
}

mkdir -p "$FOLDER"/{repository,log,lock}
trap stop_all EXIT
configure a
configure b
initdb -D "$FOLDER/a" -U postgres -A trust >/dev/null
cat >>"$FOLDER/a/postgresql.conf" <<END
listen_addresses = ''
unix_socket_directories = '$FOLDER'
archive_mode = always
wal_keep_size = 200MB
END
start a
with a pgbackrest --stanza=odoo stanza-create
ask a 'create table kept (id int)' 'insert into kept select generate_series(1, 100)'
pg_basebackup -h "$FOLDER" -p "${PORT[a]}" -U postgres -D "$FOLDER/b" -R -c fast
start b

said=$(with b bash "$SCRIPT" backup odoo 2>&1)
expect 'a standby takes no backup' yes "$([[ $said == *'no backup is taken here'* ]] && echo yes)"
with a bash "$SCRIPT" backup odoo 2>/dev/null
ask a 'insert into kept values (101)' 'select pg_switch_wal()' 'insert into kept values (102)' >/dev/null
sleep 1
moment=$(ask a 'select clock_timestamp()')
sleep 1

# From here on the primary archives nothing any more, and then dies.
chmod 000 "$FOLDER/a.conf"
ask a 'insert into kept values (103)' 'select pg_switch_wal()' 'insert into kept values (104)' >/dev/null
sleep 2
pg_ctl -D "$FOLDER/a" -m immediate stop >/dev/null
: >"$FOLDER/b/pg_wal/00000002.history"
: >"$FOLDER/b/pg_wal/00000003.history"
pg_ctl -D "$FOLDER/b" -w promote >/dev/null
ask b 'insert into kept values (105)' 'checkpoint' 'select pg_switch_wal()' >/dev/null
waiting="select count(*) from pg_ls_archive_statusdir() where name like '%.ready'"
for ((try = 0; try < 90; try++)); do
    [[ $(ask b "$waiting") != 0 ]] || break
    sleep 1
done
expect 'all is archived' 0 "$(ask b "$waiting")"
pg_ctl -D "$FOLDER/b" -m fast stop >/dev/null
chmod 600 "$FOLDER/a.conf"

with a bash "$SCRIPT" restore odoo "$FOLDER/end"
expect 'rows at the end' 105 "$(count end)"
with a bash "$SCRIPT" restore odoo "$FOLDER/moment" --type=time --target="$moment"
expect 'rows at the moment' 102 "$(count moment)"
expect 'the restored timeline' 5 "$(pg_controldata -D "$FOLDER/end" | sed -n "s/^Latest checkpoint's TimeLineID: *//p")"
echo 'all as expected'
