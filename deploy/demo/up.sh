# shellcheck shell=bash
# ./demo up: makes the demo's directory, starts what is missing, waits until all is well.
# Sourced by ./demo after parts.sh.

readonly UP_SECONDS=120

up() {
    local count='' mode='' set=()
    while (($#)); do
        case $1 in
            --nodes)
                [[ ${2:-} == [23] ]] || usage "--nodes wants 2 or 3."
                count=$2
                ;;
            --mode)
                [[ ${2:-} =~ ^a?sync$ ]] || usage "--mode wants sync or async."
                mode=$2
                ;;
            --set)
                [[ ${2:-} =~ ^[a-z-]+=.+$ ]] || usage "--set wants KEY=VALUE."
                set+=("$2")
                ;;
            *) usage "up does not know \"$1\"." ;;
        esac
        shift 2
    done
    [[ -z ${KUMKI_DEMO_PORT:-} ]] ||
        { [[ $KUMKI_DEMO_PORT =~ ^[1-9][0-9]{3,4}$ ]] && ((KUMKI_DEMO_PORT <= 65000)); } ||
        usage "KUMKI_DEMO_PORT is \"$KUMKI_DEMO_PORT\"; expected a port from 1000 to 65000."
    prerequisites
    make_dir
    exec 8>"$DIR/lock"
    flock -w 180 8 || die 1 "Another ./demo up works in $DIR. Nothing was done."
    remember "$count" "$mode" ${set[@]+"${set[@]}"}
    install_demo
    settle_ports
    write_files
    start_everything
    wait_for_cluster || return 1
    start_writer
    summary
}

prerequisites() {
    if [[ -n ${KUMKI_EXECUTABLE:-} ]]; then
        [[ -x $KUMKI_EXECUTABLE && ! -d $KUMKI_EXECUTABLE ]] ||
            usage "KUMKI_EXECUTABLE is \"$KUMKI_EXECUTABLE\", which is no executable file."
        JDK=none
    else
        JDK=$("$HERE/build" jdk)
    fi
    PROGRAMS=$(need_postgres)
    # The account `postgres` may have come with the package just installed.
    if ((EUID == 0)) && id postgres >/dev/null 2>&1; then
        ACCOUNT=postgres
    fi
    [[ $JDK == none ]] || as_account "$JDK/bin/java" -version 2>/dev/null || die 69 \
        "The account $ACCOUNT cannot run $JDK/bin/java. Nothing was started." \
        "Set JAVA_HOME to a JDK that everyone may read."
}

make_dir() {
    if [[ -d $DIR && ! -f $DIR/settings && -n $(ls -A "$DIR") ]]; then
        die 1 "$DIR is not empty and not a demo's directory. Nothing was done; choose another --dir."
    fi
    if [[ -d $DIR && $(stat -c %U "$DIR") != "$ACCOUNT" && $(stat -c %u "$DIR") != "$EUID" ]]; then
        die 1 "$DIR belongs to $(stat -c %U "$DIR"). Nothing was done; choose another --dir."
    fi
    mkdir -p "$DIR"
    ((EUID != 0)) || chown "$ACCOUNT" "$DIR"
    if ! as_account test -w "$DIR"; then
        rmdir "$DIR" 2>/dev/null || true
        die 1 "The account $ACCOUNT cannot reach $DIR: a folder above it is closed to it." \
            "Nothing was started; choose another --dir."
    fi
}

# Settles what this demo is: what was asked for now, else what it was before, else the defaults.
remember() { # NODES MODE SETTING...
    local count=$1 mode=$2 old_mode jdk=$JDK pgbin=$PROGRAMS
    shift 2
    if [[ -f $DIR/settings ]]; then
        load_demo
        old_mode=$MODE
        [[ -z $count || $count == "${#NODES[@]}" ]] || die 1 \
            "This demo has ${#NODES[@]} nodes. Nothing was done; ./demo down --wipe makes room for" \
            "another one, or use --dir DIR."
        if anything_alive; then
            if [[ ${mode:-$MODE} != "$MODE" ]] || (($#)); then
                die 1 "This demo runs, in mode $MODE. Nothing was done; ./demo down first."
            fi
            say "The demo in $DIR runs already; starting only what is missing."
            # Its program stays what it is.
            [[ $JDK != none && $jdk != none ]] || jdk=$JDK
        fi
        count=${#NODES[@]} mode=${mode:-$old_mode}
    fi
    MODE=${mode:-sync} JDK=$jdk PROGRAMS=$pgbin
    save_settings "${count:-2}"
    touch "$DIR/agent-settings"
    (($# == 0)) || printf '%s\n' "$@" >"$DIR/agent-settings"
    load_demo
}

# Copies the programs: the account of the servers may not be allowed to read the checkout.
install_demo() {
    anything_alive && return
    say "Demo in $DIR: ${#NODES[@]} nodes and a witness, mode $MODE, PostgreSQL" \
        "$("$PROGRAMS/postgres" --version | sed 's/.*) //; s/ .*//')"
    local node file
    rm -rf "${DIR:?}"/{app,bin,initdb}
    mkdir -p "$DIR"/{bin,initdb,secrets,odoo,writer}
    install_program
    cp "$HERE"/deploy/node/{kumki-runner,agent.jvm.options,gateway.jvm.options} "$HERE/deploy/demo/writer.sh" "$DIR/bin"
    cp "$HERE/deploy/node/kumki-role.sh" "$DIR/initdb/10-kumki-role.sh"
    for file in token superuser replication kumki odoo; do
        [[ -s $DIR/secrets/$file ]] ||
            od -An -N 18 -tx1 /dev/urandom | tr -d ' \n' >"$DIR/secrets/$file"
        # Whoever put one there may have written it on Windows.
        secret_text "$(<"$DIR/secrets/$file")"
        [[ $SECRET == "$(<"$DIR/secrets/$file")" ]] || printf '%s\n' "$SECRET" >"$DIR/secrets/$file"
    done
    printf "create role odoo login password '%s';\ncreate database odoo owner odoo;\n" \
        "$(<"$DIR/secrets/odoo")" >"$DIR/initdb/20-odoo.sql"
    for node in "${NODES[@]}"; do
        mkdir -p "$DIR/$node"/{run,state}
    done
    mkdir -p "$DIR/witness/state"
}

install_program() {
    if [[ $JDK == none ]]; then
        mkdir "$DIR/app"
        cp "$KUMKI_EXECUTABLE" "$DIR/app/kumki"
        say "Program: $KUMKI_EXECUTABLE"
        return
    fi
    # What is built belongs to the checkout, which others may read; only the demo itself is private.
    (umask 022 && "$HERE/build" package)
    # With their times: the ahead-of-time cache, if ./build made one (deploy/demo/quicken), knows the files by them.
    cp -rp "$HERE/target/quarkus-app" "$DIR/app"
    [[ ! $HERE/target/kumki.aot -nt $HERE/target/quarkus-app/quarkus-run.jar ]] ||
        cp "$HERE/target/kumki.aot" "$DIR/app/"
}

# Every program gets a port of its own. One that somebody else took meanwhile is replaced, which
# is possible only while nothing runs: the addresses stand in every agent's configuration.
settle_ports() {
    local key node keys=(witness_API witness_RW witness_RO)
    for node in "${NODES[@]}"; do
        keys+=("${node}_PG" "${node}_API")
    done
    for key in "${keys[@]}"; do
        if [[ -z ${PORT[$key]:-} ]]; then
            choose_port "$key"
        elif port_is_taken "${PORT[$key]}" && ! port_is_ours "$key"; then
            anything_alive && die 1 "Port ${PORT[$key]} of ${key%_*} was taken by another program." \
                "Nothing was started; ./demo down and up again chooses another one."
            say "Port ${PORT[$key]} of ${key%_*} was taken by another program; choosing another one."
            choose_port "$key"
        fi
    done
    save_ports
}

port_is_ours() { # KEY
    case $1 in
        *_API | *_RW | *_RO) alive "$DIR/${1%_*}/agent.pid" ;;
        *_PG) [[ -n $(server_pids "${1%_PG}") ]] ;;
    esac
}

write_files() {
    local node
    for node in "${NODES[@]}" witness; do
        agent_configuration "$node" >"$DIR/$node/agent.conf"
    done
    [[ -f $DIR/odoo/odoo.conf ]] || odoo_configuration >"$DIR/odoo/odoo.conf"
    # shellcheck disable=SC2016 # expanded when the script runs
    printf '#!/bin/sh\n# Stands in for a reload of Odoo.\n%s\n' \
        'date "+%F %T reload" >>"${0%/*}/reloads.log"' >"$DIR/odoo/reload"
    chmod 700 "$DIR/odoo/reload"
    touch "$DIR/odoo/reloads.log" "$DIR/writer/gaps"
    if ((EUID == 0)); then
        chown -R "$ACCOUNT:$(id -g "$ACCOUNT")" "$DIR"
    fi
}

agent_configuration() { # NODE
    local node bootstrap=false peers=''
    for node in "${NODES[@]}" witness; do
        peers+=,$node=127.0.0.1:${PORT[${node}_API]}
    done
    [[ $1 != n1 ]] || bootstrap=true
    printf '%s\n' "# Written by ./demo up at each start." "node = $1" \
        "listen = 127.0.0.1:${PORT[${1}_API]}" "peers = ${peers#,}" \
        "token-file = $DIR/secrets/token" "state-dir = $DIR/$1/state" "mode = $MODE"
    if [[ $1 == witness ]]; then
        printf '%s\n' "witness = true" "odoo-conf = $DIR/odoo/odoo.conf" \
            "odoo-reload-command = $DIR/odoo/reload" \
            "gateway-rw = 127.0.0.1:${PORT[witness_RW]}" \
            "gateway-ro = 127.0.0.1:${PORT[witness_RO]}"
    else
        printf '%s\n' "run-dir = $DIR/$1/run" "postgres = 127.0.0.1:${PORT[${1}_PG]}" \
            "postgres-user = kumki" "postgres-password-file = $DIR/secrets/kumki" \
            "bootstrap = $bootstrap"
    fi
    [[ -z ${KUMKI_DEMO_WEBHOOK:-} ]] || say "webhook-url = $KUMKI_DEMO_WEBHOOK"
    sed 's/=/ = /' "$DIR/agent-settings"
}

odoo_configuration() {
    cat <<END
[options]
; This is where Odoo would read its endpoints. Kumki keeps the four db_host, db_port,
; db_replica_host and db_replica_port right, and every other byte as it is.
admin_passwd = $(<"$DIR/secrets/odoo")
addons_path = /usr/lib/python3/dist-packages/odoo/addons

# --- database ---
db_host = 127.0.0.1
db_port = ${PORT[n1_PG]}
db_user = odoo
db_password = $(<"$DIR/secrets/odoo")
db_name = odoo
db_maxconn = 32
db_replica_host = 127.0.0.1
db_replica_port = ${PORT[n2_PG]}

# --- server ---
workers = 4
limit_time_real = 120
proxy_mode = True
list_db = False
END
}

start_everything() {
    local node
    for node in "${NODES[@]}" witness; do
        start_node "$node"
    done
}

start_node() {
    if [[ $1 != witness ]] && ! alive "$DIR/$1/runner.pid"; then
        start_runner "$1"
        say "started the runner of $1 (pid $(<"$DIR/$1/runner.pid")), server port ${PORT[${1}_PG]}"
    fi
    if ! alive "$DIR/$1/agent.pid"; then
        start_agent "$1"
        say "started the agent of $1 (pid $(<"$DIR/$1/agent.pid")), http://127.0.0.1:${PORT[${1}_API]}"
    fi
}

start_runner() {
    local node=$1 sockets
    sockets=$(socket_folder "$1")
    as_account mkdir -p "$sockets"
    launch "$DIR/$1/runner.pid" "$DIR/$1/runner.log" runner_environment \
        bash "$DIR/bin/kumki-runner" -c listen_addresses=127.0.0.1 -c "port=${PORT[${1}_PG]}" \
        -c "unix_socket_directories=$sockets" -c wal_level=replica -c max_wal_senders=10 \
        -c max_replication_slots=10 -c hot_standby_feedback=on \
        -c wal_receiver_status_interval=1s -c wal_retrieve_retry_interval=500ms
}

runner_environment() { # reads $node of start_runner
    export PGDATA=$DIR/$node/data KUMKI_RUN=$DIR/$node/run KUMKI_NODE=$node KUMKI_PGBIN=$PROGRAMS \
        PGPORT=${PORT[${node}_PG]} KUMKI_INITDB=$DIR/initdb POSTGRES_USER=postgres \
        KUMKI_WRITE_PROBE=1s
    KUMKI_REPLICATION_PASSWORD=$(<"$DIR/secrets/replication")
    KUMKI_POSTGRES_PASSWORD=$(<"$DIR/secrets/kumki")
    POSTGRES_PASSWORD=$(<"$DIR/secrets/superuser")
    export KUMKI_REPLICATION_PASSWORD KUMKI_POSTGRES_PASSWORD POSTGRES_PASSWORD
}

start_agent() {
    local flags=("@$DIR/bin/agent.jvm.options")
    [[ $1 != witness ]] || flags+=("@$DIR/bin/gateway.jvm.options")
    [[ ! -r $DIR/app/kumki.aot ]] || flags+=("-XX:AOTCache=$DIR/app/kumki.aot" -Xlog:aot=off -Xlog:cds=off)
    program "${flags[@]}"
    launch "$DIR/$1/agent.pid" "$DIR/$1/agent.log" true "${LAUNCHER[@]}" \
        agent --config "$DIR/$1/agent.conf"
}

start_writer() {
    local node ports=()
    alive "$DIR/writer/pid" && return
    for node in "${NODES[@]}"; do
        ports+=("${PORT[${node}_PG]}")
    done
    launch "$DIR/writer/pid" "$DIR/writer/log" writer_environment \
        bash "$DIR/bin/writer.sh" "$DIR/writer" "$PROGRAMS/psql" "${ports[@]}"
}

writer_environment() {
    PGPASSWORD=$(<"$DIR/secrets/odoo")
    export PGPASSWORD
}

# Prints what it still waits for, whenever that changes.
wait_for_cluster() {
    local end=$((SECONDS + UP_SECONDS)) missing='' before='' node
    while missing=$(still_missing); do
        [[ $missing == "$before" ]] || say "waiting for $missing"
        before=$missing
        for node in "${NODES[@]}" witness; do
            alive "$DIR/$node/agent.pid" || { explain_failure "the agent of $node ended"; return 1; }
            [[ $node == witness ]] || alive "$DIR/$node/runner.pid" ||
                { explain_failure "the runner of $node ended"; return 1; }
        done
        ((SECONDS < end)) || { explain_failure "after $UP_SECONDS s still without $missing"; return 1; }
        sleep 0.3
    done
}

# Prints the first thing that is not as it shall be; fails when all is well.
still_missing() {
    local primary
    if ! primary=$(node_that /primary ''); then
        say "a primary that accepts writes"
    elif ! node_that /replica "$primary" >/dev/null; then
        say "a replica of $primary"
    elif (($(streaming_from "$primary") == 0)); then
        say "a replica that streams from $primary"
    elif [[ $MODE == sync ]] && ! node_that /sync "$primary" >/dev/null; then
        say "a synchronous replica of $primary"
    elif ! agreed "$primary"; then
        say "all agents to agree that $primary leads"
    else
        return 1
    fi
}

explain_failure() { # REASON
    local node log
    say "The demo did not come up: $1. What is known:"
    for node in "${NODES[@]}" witness; do
        log=$DIR/$node/agent.log
        say "--- agent of $node"
        say "last decision: $(grep -h 'decision' "$log" 2>/dev/null | tail -n 1 | cut -c 1-300)"
        grep -hvE '^[[:space:]]+(at |\.\.\. )' "$log" 2>/dev/null | tail -n 5 | cut -c 1-300
        [[ $node == witness ]] || { say "--- runner of $node" &&
            tail -n 5 "$DIR/$node/runner.log" 2>/dev/null | cut -c 1-300; }
    done
    say "Everything that started is still running. Logs: ./demo logs   Stop: ./demo down"
}

summary() {
    local node role primary
    primary=$(node_that /primary '' primary) || primary=none
    printf '\n%-9s %-9s %-18s %s\n' node role server agent
    for node in "${NODES[@]}"; do
        role=replica
        [[ $node != "$primary" ]] || role=primary
        printf '%-9s %-9s %-18s %s\n' "$node" "$role" "127.0.0.1:${PORT[${node}_PG]}" \
            "http://127.0.0.1:${PORT[${node}_API]}"
    done
    printf '%-9s %-9s %-18s %s\n\n' witness vote - "http://127.0.0.1:${PORT[witness_API]}"
    say "Gateway beside the witness: writes 127.0.0.1:${PORT[witness_RW]}, reads" \
        "127.0.0.1:${PORT[witness_RO]} (user odoo, database odoo, password: ./demo env)"
    say "A row is written each 50 ms. Odoo's stand-in: $DIR/odoo/odoo.conf"
    say "Try:  ./demo kill server primary     ./demo status     ./demo switchover"
    say "      ./demo kill node primary       ./demo start $primary     ./demo down --wipe"
}
