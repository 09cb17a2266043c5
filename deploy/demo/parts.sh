# shellcheck shell=bash
# The demo's parts as seen from outside: ports, processes, health, gaps of the writer.
# Sourced by ./demo, which sets DIR (canonical), ACCOUNT (whose processes the servers are) and,
# once a demo exists, NODES and PORT.

ACCOUNT=${ACCOUNT:-$(id -un)}
declare -A PORT=()
NODES=()

# Runs a command as the account of the servers: PostgreSQL refuses to run as root.
as_account() {
    if ((EUID == 0)); then
        setpriv --reuid="$ACCOUNT" --regid="$(id -g "$ACCOUNT")" --init-groups -- "$@"
    else
        "$@"
    fi
}

# --- ports -------------------------------------------------------------------------------------

# Does anything on this machine listen on port $1? Asks the kernel, needs no program.
port_is_taken() {
    local hex
    hex=$(printf '%04X' "$1")
    grep -qsE "^ *[0-9]+: [0-9A-F]+:$hex [0-9A-F]+:[0-9A-F]+ 0A " /proc/net/tcp /proc/net/tcp6
}

# Chooses a free port for $1 (say n1_PG); a base of its own for each directory keeps demos apart.
choose_port() {
    local sum candidate=${KUMKI_DEMO_PORT:-}
    if [[ -z $candidate ]]; then
        sum=$(cksum <<<"$DIR")
        candidate=$((17400 + 8 * (${sum%% *} % 400)))
    fi
    while port_is_taken "$candidate" || [[ " ${PORT[*]} " == *" $candidate "* ]]; do
        candidate=$((candidate + 1))
    done
    PORT[$1]=$candidate
}

load_ports() {
    local key value
    PORT=()
    [[ -f $DIR/ports ]] || return 0
    while IFS='=' read -r key value; do
        PORT[$key]=$value
    done <"$DIR/ports"
}

save_ports() {
    local key
    for key in "${!PORT[@]}"; do
        say "$key=${PORT[$key]}"
    done | sort >"$DIR/ports"
}

# --- processes ---------------------------------------------------------------------------------

# Is the process in pid file $1 alive, and still ours (a pid may have been given away since)?
alive() {
    local pid words _
    read -r pid 2>/dev/null <"$1" || return 1
    for _ in 1 2; do
        mapfile -d '' -t words 2>/dev/null <"/proc/$pid/cmdline" || return 1
        [[ " ${words[*]}" != *" $DIR/"* ]] || return 0
        # Between two programs of one chain (setsid, setpriv, java) a process has no words.
        sleep 0.02
    done
    return 1
}

pid_of() { # NODE agent|runner: prints its pid, or nothing when it is not alive
    if alive "$DIR/$1/$2.pid"; then cat "$DIR/$1/$2.pid"; fi
}

# All postgres processes that work in the node's data directory, the orphans of a dead postmaster
# too: each has it as its current directory.
server_pids() {
    local folder command
    while read -r folder; do
        read -r command 2>/dev/null <"$folder/comm" || continue
        [[ $command != postgres ]] || say "${folder#/proc/}"
    done < <(find /proc -maxdepth 2 -name cwd -lname "$DIR/$1/data" -printf '%h\n' 2>/dev/null)
}

descendants() {
    local child
    # shellcheck disable=SC2013 # pids, in one line
    for child in $(cat "/proc/$1/task/"*/children 2>/dev/null); do
        say "$child"
        descendants "$child"
    done
}

node_pids() {
    local kind pid
    for kind in runner agent; do
        pid=$(pid_of "$1" "$kind")
        [[ -z $pid ]] || { say "$pid" && descendants "$pid"; }
    done
    server_pids "$1"
}

# The postmaster: the runner's word, checked; else PostgreSQL's own pid file, checked too.
postmaster_pid() {
    local pid servers
    servers=$(server_pids "$1")
    for pid in $(sed -n 's/^pid=//p' "$DIR/$1/run/state" 2>/dev/null) \
        $(head -n 1 "$DIR/$1/data/postmaster.pid" 2>/dev/null); do
        if grep -qx "$pid" <<<"$servers"; then
            say "$pid"
            return
        fi
    done
}

signal() { # SIGNAL PID...: a process that is gone already is no error
    local name=$1
    shift
    ((${#} == 0)) || kill "-$name" "$@" 2>/dev/null || true
}

# Waits up to $1 seconds until the command after it succeeds.
wait_until() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < end)) || return 1
        sleep 0.1
    done
}

# Starts a lasting process of its own session with a real pid in its pid file. Secrets come in the
# environment ($4, a function that exports them), never in the arguments, which anyone can read.
launch() { # PID-FILE LOG-FILE EXPORTS-FUNCTION COMMAND...
    local pid_file=$1 log=$2 exports=$3 account=()
    shift 3
    ((EUID != 0)) || account=(setpriv "--reuid=$ACCOUNT" "--regid=$(id -g "$ACCOUNT")" --init-groups --)
    (
        cd "$DIR" || exit 1
        # shellcheck disable=SC2086 # names only
        unset ${!KUMKI_@} ${!PG@} ${!POSTGRES_@} ${!QUARKUS_@} JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS
        export HOME=$DIR
        "$exports"
        exec setsid "${account[@]}" "$@" </dev/null >>"$log" 2>&1 8>&-
    ) &
    say "$!" >"$pid_file"
    wait_until 5 settled "$pid_file"
    alive "$pid_file" || say "A process ended as soon as it was started; see $log"
}

settled() { # PID-FILE: either it has become the program, or it is gone
    alive "$1" || ! kill -0 "$(<"$1")" 2>/dev/null
}

# --- health ------------------------------------------------------------------------------------

# GET http://127.0.0.1:$1$2: prints the status code, and the body from the next line on. Prints
# 000 when there is no answer within a second or two. In a subshell: a refused connection ends it.
http() {
    (
        exec 5<>"/dev/tcp/127.0.0.1/$1" || exit 1
        printf 'GET %s HTTP/1.0\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n\r\n' "$2" "$1" >&5
        IFS=' ' read -r -t 2 -u 5 _ code _ || exit 1
        say "$code"
        while IFS= read -r -t 1 -u 5 line && [[ $line != $'\r' ]]; do :; done
        timeout 2 cat <&5 || true
    ) 2>/dev/null || say 000
}

answers() { # NODE PATH: does its agent answer with 200?
    [[ $(http "${PORT[${1}_API]}" "$2" | head -n 1) == 200 ]]
}

# First node whose agent answers 200 on path $1, leaving out node $2; else the first one whose
# runner says that its server is $3.
node_that() {
    local node
    for node in "${NODES[@]}"; do
        if [[ $node != "$2" ]] && answers "$node" "$1"; then
            say "$node"
            return
        fi
    done
    [[ -n ${3:-} ]] || return 1
    for node in "${NODES[@]}"; do
        if grep -qsx "server=$3" "$DIR/$node/run/state" && [[ -n $(server_pids "$node") ]]; then
            say "$node"
            return
        fi
    done
    return 1
}

# What agent $1 believes: "leader term", or nothing when it does not answer or knows no leader.
belief() {
    local body leader='"leader" *: *"([^"]+)"' term='"term" *: *([0-9]+)' found
    body=$(http "${PORT[${1}_API]}" /api/v1/cluster)
    [[ $body == 200* && $body =~ $leader ]] || return 0
    found=${BASH_REMATCH[1]}
    [[ $body =~ $term ]] && say "$found ${BASH_REMATCH[1]}"
}

agreed() { # LEADER: do all agents, the witness too, name it with the same term?
    local node first='' word
    for node in "${NODES[@]}" witness; do
        word=$(belief "$node")
        [[ ${word% *} == "$1" && ${first:-$word} == "$word" ]] || return 1
        first=$word
    done
}

# secret_text TEXT: in SECRET, without a byte order mark, and without blanks and line ends around it: files and
# variables come from Windows too. The agent reads by the same rule (docs/CONFIGURATION.md).
secret_text() {
    local blank=$' \t\r\n\v\f'
    SECRET=${1#$'\xef\xbb\xbf'}
    SECRET=${SECRET#"${SECRET%%[!"$blank"]*}"}
    SECRET=${SECRET%"${SECRET##*[!"$blank"]}"}
}

# How many standbys stream from node $1, as its server sees it.
streaming_from() {
    PGOPTIONS='-c default_transaction_isolation=read\ committed -c statement_timeout=0' \
        PGPASSWORD=$(<"$DIR/secrets/kumki") PGCONNECT_TIMEOUT=2 timeout 4 "$PROGRAMS/psql" -XqAt \
        -h 127.0.0.1 -p "${PORT[${1}_PG]}" -U kumki -d postgres \
        -c "select count(*) from pg_stat_replication where state = 'streaming'" 2>/dev/null || say 0
}

# --- the writer's gaps -------------------------------------------------------------------------

now_ms() {
    local now=${EPOCHREALTIME/[.,]/}
    say "${now::-3}"
}

as_seconds() { # MILLISECONDS, to the nearest tenth
    local tenths=$((($1 + 50) / 100))
    say "$((tenths / 10)).$((tenths % 10))"
}

# Reports how long writes stopped since instant $1 (ms). If they go on for $2 ms without a stop,
# they never stopped. Fails when they have not come back within 30 s.
report_gap() {
    local since=$1 settle=$2 now last gap=''
    if ! alive "$DIR/writer/pid"; then
        say "The background writer is not running, so nothing was measured. Try ./demo up."
        return
    fi
    while true; do
        now=$(now_ms)
        read -r last _ 2>/dev/null <"$DIR/writer/last" || last=0
        gap=$(awk -v since="$since" '$1 + $2 > since { sum += $2 } END { print sum + 0 }' \
            "$DIR/writer/gaps" 2>/dev/null) || gap=0
        if ((now - last < 300 && gap > 0)); then
            say "writes stopped for $(as_seconds "$gap") s"
            return
        elif ((now - last < 300 && now - since > settle)); then
            say "writes never stopped"
            return
        elif ((now - since > 30000)); then
            say "writes have not come back within 30 s; see ./demo status and ./demo logs"
            return 1
        fi
        sleep 0.1
    done
}
