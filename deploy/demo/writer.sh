#!/usr/bin/env bash
# The demo's background writer: one row each 50 ms into table kumki_demo, over one lasting session.
#
#   writer.sh FOLDER PSQL PORT...      the password is in PGPASSWORD
#
# FOLDER/last   one line: epoch ms of the newest acknowledged insert, its id, how many there were
# FOLDER/gaps   a line for each time that inserts stopped for over 300 ms:
#               epoch ms of the last insert before, length of the gap in ms
set -uo pipefail
folder=$1 psql=$2
shift 2
ports=("$@")
readonly GAP_MS=300
session='' answer='' count=0 turn=-1 port=''
silent_until=() last_words=()
last_ms=${EPOCHREALTIME/[.,]/}
last_ms=${last_ms::-3}
trap '' PIPE
trap 'hang_up; exit 0' TERM INT

hang_up() {
    [[ -n $session ]] && kill -9 "$session" 2>/dev/null && wait "$session" 2>/dev/null
    session=''
    { exec 3>&- 4<&-; } 2>/dev/null
}

# Opens a session at the next port, if that server accepts writes. One port at a time: with a list
# of hosts libpq would wait two seconds for a frozen server at each try. The pipes are opened in
# the order of the child's redirections, so each open waits for the other side.
connect() {
    next_port
    "$psql" -XqAt -v ON_ERROR_STOP=1 \
        "host=127.0.0.1 port=$port user=odoo dbname=odoo target_session_attrs=read-write
         connect_timeout=2 application_name=demo-writer" <"$folder/in" >"$folder/out" 2>&1 &
    session=$!
    exec 3>"$folder/in" 4<"$folder/out"
    ask "set client_min_messages = warning;
         create table if not exists kumki_demo (id bigserial primary key,
             at timestamptz not null default clock_timestamp());
         select 'ready';" 1.5 && [[ $answer == ready ]]
}

# The next port in turn, leaving out those that fell silent in the last five seconds.
next_port() {
    local _
    for _ in "${ports[@]}"; do
        turn=$(((turn + 1) % ${#ports[@]}))
        port=${ports[turn]}
        ((SECONDS >= ${silent_until[$port]:-0})) && return
    done
}

# Sends $1 and reads one line into $answer, within $2 seconds: a frozen server keeps silent.
ask() {
    answer=''
    printf '%s\n' "$1" >&3 2>/dev/null && IFS= read -r -t "$2" -u 4 answer
}

# Ends the session. A server that gave no answer at all is left out for a while: it may go on
# accepting connections and never answer. One that said no is asked again at once.
give_up() {
    if [[ -n $answer ]]; then
        # Said once: while a failover lasts it would be the same line thirty times a second.
        [[ $answer == "${last_words[$port]:-}" ]] ||
            printf '%(%F %T)T port %s: %s\n' -1 "$port" "$answer"
        last_words[port]=$answer
    elif kill -0 "$session" 2>/dev/null; then
        silent_until[port]=$((SECONDS + 5))
    fi
    hang_up
}

acknowledged() {
    local now=${EPOCHREALTIME/[.,]/}
    now=${now::-3}
    if ((now - last_ms > GAP_MS && count > 0)); then
        printf '%s %s\n' "$last_ms" "$((now - last_ms))" >>"$folder/gaps"
    fi
    last_ms=$now count=$((count + 1))
    printf '%s %s %s\n' "$now" "$answer" "$count" >"$folder/last"
}

# A commit that waits for a standby is not a server that is frozen: as long as the server lets others
# in, the answer is waited for. Without this a wait of two seconds would be shown as six.
waits_for_standby() {
    while kill -0 "$session" 2>/dev/null &&
        timeout 1.5 "$psql" -XqAtc 'select 1' "host=127.0.0.1 port=$port user=odoo dbname=odoo
            connect_timeout=2 application_name=demo-writer" >/dev/null 2>&1 </dev/null; do
        IFS= read -r -t 1 -u 4 answer && return
    done
    return 1
}

rm -f "$folder/in" "$folder/out"
mkfifo -m 600 "$folder/in" "$folder/out"
while true; do
    if [[ -z $session ]] && ! connect; then
        give_up
        sleep 0.03
        continue
    fi
    # A warning comes before the id when a commit was not replicated as asked: not acknowledged.
    if { ask 'insert into kumki_demo default values returning id;' 1 ||
        { [[ -z $answer ]] && waits_for_standby; }; } && [[ $answer =~ ^[0-9]+$ ]]; then
        acknowledged
        sleep 0.05
    else
        give_up
    fi
done
