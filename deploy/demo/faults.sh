# shellcheck shell=bash
# ./demo kill, freeze, thaw, start and switchover. Sourced by ./demo after parts.sh and up.sh.

node_named() { # NAME: the node meant by it
    local primary
    case $1 in
        primary) node_that /primary '' primary || die 1 "There is no primary now. Nothing was done." ;;
        replica)
            primary=$(node_that /primary '' primary) || primary=''
            node_that /replica "$primary" standby || die 1 "There is no replica now. Nothing was done."
            ;;
        witness) say witness ;;
        *)
            [[ -n $1 && " ${NODES[*]} " == *" ${1,,} "* ]] ||
                usage "There is no node \"$1\"; there are ${NODES[*]} witness primary replica."
            say "${1,,}"
            ;;
    esac
}

# The processes meant by server, agent or node of a node. Killing a server means its postmaster.
pids_meant() { # ACTION KIND NODE
    case $1-$2 in
        kill-server) postmaster_pid "$3" ;;
        *-server) server_pids "$3" ;;
        *-agent) pid_of "$3" agent ;;
        *-node) node_pids "$3" ;;
    esac
}

# Gone, or nothing but an entry that waits for its parent.
dead() { # PID...
    local pid words
    for pid in "$@"; do
        read -r words 2>/dev/null <"/proc/$pid/stat" || continue
        [[ ${words##*) } == [ZX]* ]] || return 1
    done
}

act() { # kill|freeze|thaw server|agent|node NAME
    local action=$1 kind=${2:-} node pids since settle=2000 name past
    [[ $kind == server || $kind == agent || $kind == node ]] ||
        usage "$action wants server, agent or node, then a name."
    node=$(node_named "${3:-}")
    [[ $node != witness || $kind != server ]] || usage "A witness has no server."
    case $action in
        kill) name=KILL past=killed ;;
        freeze) name=STOP past=froze ;;
        thaw) name=CONT past=thawed ;;
    esac
    mapfile -t pids < <(pids_meant "$action" "$kind" "$node")
    ((${#pids[@]})) || die 1 "The $kind of $node is not running. Nothing was done."
    if grep -qsx 'server=primary' "$DIR/$node/run/state"; then
        settle=5000
        # Without its agent a primary goes on writing until its lease ends.
        [[ $kind != agent ]] || settle=8000
    fi
    since=$(now_ms)
    signal "$name" "${pids[@]}"
    # A busy machine takes a while to carry it out, and `start` would find them running.
    [[ $action != kill ]] || wait_until 10 dead "${pids[@]}" ||
        die 1 "The $kind of $node still lives 10 s after SIGKILL (pids ${pids[*]})."
    if ((${#pids[@]} == 1)); then
        say "$past the $kind of $node (SIG$name to pid ${pids[0]})"
    else
        say "$past the $kind of $node (SIG$name to ${#pids[@]} processes)"
    fi
    [[ $action != thaw ]] || return 0
    report_gap "$since" "$settle"
}

start() {
    local node
    node=$(node_named "${1:-}")
    if alive "$DIR/$node/agent.pid" && { [[ $node == witness ]] || alive "$DIR/$node/runner.pid"; }; then
        say "$node runs already: nothing to start. If it is frozen: ./demo thaw node $node"
        return
    fi
    start_node "$node"
}

switchover() {
    local since node target=()
    if [[ -n ${1:-} ]]; then
        node=$(node_named "$1")
        target=("$node")
    fi
    since=$(now_ms)
    kumki switchover ${target[@]+"${target[@]}"} || return 1
    report_gap "$since" 2000
}
